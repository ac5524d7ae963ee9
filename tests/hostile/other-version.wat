;; Speaks version 2 of the contract (the prelude is taken to that version, too).
(module
  ;; @prelude
  (export "provost:plugin/checks@2.0.0#describe" (func $describe))
  (export "provost:plugin/checks@2.0.0#validate" (func $validate))
  (func (export "provost:plugin/checks@2.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    unreachable))
