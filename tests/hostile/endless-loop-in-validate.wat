;; `validate` never returns.
(module
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (func (export "provost:plugin/checks@1.0.0#validate") (param $settings i32) (param $length i32) (result i32)
    (loop $again (br $again))
    unreachable)
  (export "provost:plugin/checks@1.0.0#check" (func $check)))
