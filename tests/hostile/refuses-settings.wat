;; Settings that only the plugin can refuse.
(module
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (func (export "provost:plugin/checks@1.0.0#validate") (param $settings i32) (param $length i32) (result i32)
    (i32.const 1024))
  (export "provost:plugin/checks@1.0.0#check" (func $check))

  (data (i32.const 1024) (i32 1 1040 14))
  (data (i32.const 1040) "too few owners"))
