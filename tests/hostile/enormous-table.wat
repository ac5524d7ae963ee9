;; Declares a table larger than any limit can be.
(module
  (memory (export "memory") 1)
  (table 4000000000 funcref)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "provost:plugin/checks@1.0.0#describe") (result i32) unreachable)
  (func (export "provost:plugin/checks@1.0.0#validate") (param i32 i32) (result i32) unreachable)
  (func (export "provost:plugin/checks@1.0.0#check") (param i32 i32 i32 i32) (result i32) unreachable))
