((define-fun principal () (Option (RecordType0)) (some (RecordType0 "a\u{e9}" #b00000001 (- 3) true)))
 (declare-datatype Color ((red) (green))) ; a comment
 (|a symbol| (as seq.empty (Seq String))))
