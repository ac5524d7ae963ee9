;; Writes to the log, for which it did not ask.
(module
  (import "provost:plugin/logging@1.0.0" "log" (func $log (param i32 i32 i32)))
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (func (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (call $log (i32.const 0) (i32.const 80) (i32.const 7))
    (call $drop-documents (local.get $documents) (local.get $count))
    (i32.const 464)))
