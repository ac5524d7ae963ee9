;; Declares memories that are over the limit only together.
(module
  (memory (export "memory") 500)
  (memory 500)
  (memory 500)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "provost:plugin/checks@1.0.0#describe") (result i32) unreachable)
  (func (export "provost:plugin/checks@1.0.0#validate") (param i32 i32) (result i32) unreachable)
  (func (export "provost:plugin/checks@1.0.0#check") (param i32 i32 i32 i32) (result i32) unreachable))
