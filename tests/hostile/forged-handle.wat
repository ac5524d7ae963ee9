;; `check` uses a document that it was never given.
(module
  (import "provost:plugin/documents@1.0.0" "[method]document.length"
    (func $length (param i32 i32 i32 i32)))
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (func (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (call $length (i32.const 4711) (i32.const 0) (i32.const 0) (i32.const 1024))
    unreachable))
