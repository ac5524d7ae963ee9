;; `check` answers with an error of 1 MiB, which would be repeated for every rule and document.
(module
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (func (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (call $drop-documents (local.get $documents) (local.get $count))
    (drop (memory.grow (i32.const 32)))
    (memory.fill (i32.const 1048576) (i32.const 97) (i32.const 1048576))
    (i32.const 1024))

  (data (i32.const 1024) (i32 1 1048576 1048576)))
