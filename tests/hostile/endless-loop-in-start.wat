;; The module never finishes starting.
(module
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (export "provost:plugin/checks@1.0.0#check" (func $check))

  (func $start (loop $again (br $again)))
  (start $start))
