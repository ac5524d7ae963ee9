;; A rule id that is not kebab-case.
(module
  ;; @prelude
  (func (export "provost:plugin/checks@1.0.0#describe") (result i32)
    (i32.const 1024))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (export "provost:plugin/checks@1.0.0#check" (func $check))

  (data (i32.const 1024) (i32 16 7 32 5 1088 1 48 2 0 0 0 0))
  (data (i32.const 1088) (i32 80 7 80 7 2 80 7 80 7 0 0)))
