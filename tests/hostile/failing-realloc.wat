;; The allocator answers with a place outside of memory.
(module
  (memory (export "memory") 1)
  (data (i32.const 16) "hostile")
  (data (i32.const 32) "1.0.0")
  (data (i32.const 48) "{}")
  (data (i32.const 64) "a-rule")
  (data (i32.const 256) (i32 64 6 64 6 2 64 6 64 6 0 0))
  (data (i32.const 320) (i32 16 7 32 5 256 1 48 2 0 0 0 0))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const -4))
  (func (export "provost:plugin/checks@1.0.0#describe") (result i32) (i32.const 320))
  (func (export "provost:plugin/checks@1.0.0#validate") (param i32 i32) (result i32) (i32.const 448))
  (func (export "provost:plugin/checks@1.0.0#check") (param i32 i32 i32 i32) (result i32) (i32.const 464)))
