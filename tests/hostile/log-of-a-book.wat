;; `check` logs 1 MiB at once, and then gives a good answer.
(module
  (import "provost:plugin/logging@1.0.0" "log" (func $log (param i32 i32 i32)))
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe-with-log))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (func (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (call $drop-documents (local.get $documents) (local.get $count))
    (drop (memory.grow (i32.const 32)))
    (memory.fill (i32.const 1048576) (i32.const 97) (i32.const 1048576))
    (call $log (i32.const 0) (i32.const 1048576) (i32.const 1048576))
    (i32.const 496)))
