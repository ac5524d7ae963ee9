;; Declares more memories than any plugin is given.
(module
  (memory (export "memory") 1)
  (memory 1)
  (memory 1)
  (memory 1)
  (memory 1)
  (memory 1)
  (memory 1)
  (memory 1)
  (memory 1)
  (memory 1)

  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "provost:plugin/checks@1.0.0#describe") (result i32) unreachable)
  (func (export "provost:plugin/checks@1.0.0#validate") (param i32 i32) (result i32) unreachable)
  (func (export "provost:plugin/checks@1.0.0#check") (param i32 i32 i32 i32) (result i32) unreachable))
