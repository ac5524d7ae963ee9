;; Looks at other objects, for which it did not ask.
(module
  (import "provost:plugin/lookup@1.0.0" "find"
    (func $find (param i32 i32 i32 i32 i32 i32 i32)))
  ;; @prelude
  (export "provost:plugin/checks@1.0.0#describe" (func $describe))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (data (i32.const 128) "Pod")
  (func (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (call $find
      (i32.load (local.get $documents))
      (i32.const 128) (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1024))
    (call $drop-documents (local.get $documents) (local.get $count))
    (i32.const 464)))
