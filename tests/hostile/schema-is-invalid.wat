;; A settings schema that is JSON and no schema.
(module
  ;; @prelude
  (func (export "provost:plugin/checks@1.0.0#describe") (result i32)
    (i32.const 1024))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (export "provost:plugin/checks@1.0.0#check" (func $check))

  (data (i32.const 1024) (i32 16 7 32 5 256 1 1088 10 0 0 0 0))
  (data (i32.const 1088) "{\"type\":7}"))
