;; Looks for an object that does not exist, among two thousand, for ever.
(module
  (import "provost:plugin/lookup@1.0.0" "find"
    (func $find (param i32 i32 i32 i32 i32 i32 i32)))
  ;; @prelude
  (data (i32.const 128) "Pod")
  (data (i32.const 136) "lookup")
  ;; list<string>: capabilities
  (data (i32.const 700) (i32 136 6))
  (data (i32.const 720) (i32 16 7 32 5 256 1 48 2 0 0 700 1))
  (func (export "provost:plugin/checks@1.0.0#describe") (result i32) (i32.const 720))
  (export "provost:plugin/checks@1.0.0#validate" (func $validate))
  (func (export "provost:plugin/checks@1.0.0#check")
    (param $documents i32) (param $count i32) (param $settings i32) (param $length i32)
    (result i32)
    (local.set $documents (i32.load (local.get $documents)))
    (loop $again
      (call $find
        (local.get $documents)
        (i32.const 128) (i32.const 3) (i32.const 1) (i32.const 16) (i32.const 7) (i32.const 1024))
      (br $again))
    unreachable))
