;; `check` logs ten thousand times, and then gives a good answer.
(module
  (import "provost:plugin/logging@1.0.0" "log" (func $log (param i32 i32 i32)))
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe-with-log))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (func (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (local $left i32)
    (call $drop-documents (local.get $documents) (local.get $count))
    (local.set $left (i32.const 10000))
    (loop $again
      (call $log (i32.const 2) (i32.const 80) (i32.const 7))
      (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (i32.const 496)))
