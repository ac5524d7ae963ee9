;; A message that begins at the end of memory.
(module
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (func (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (call $drop-documents (local.get $documents) (local.get $count))
    (i32.store (i32.const 564) (i32.const 65534))
    (i32.const 496)))
