;; `check` searches the document for ever and finds nothing: only the host works.
(module
  (import "provost:plugin/documents@1.0.0" "[method]document.select"
    (func $select (param i32 i32 i32 i32)))
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (func (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (loop $again
      (call $select
        (i32.load (local.get $documents)) (i32.const 1040) (i32.const 16) (i32.const 1024))
      (br $again))
    unreachable)

  (data (i32.const 1040) "/*/*/*/*/nothing"))
