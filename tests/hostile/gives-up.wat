;; `check` answers with an error.
(module
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (func (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (call $drop-documents (local.get $documents) (local.get $count))
    (i32.const 1024))

  (data (i32.const 1024) (i32 1 1040 7))
  (data (i32.const 1040) "no idea"))
