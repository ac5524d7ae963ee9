//! CEL text to expressions: the `cel` crate parses; this keeps the part of its tree that has
//! a meaning in specifications and refuses the rest.

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr as CelExpr, IdedExpr, ListExpr, LiteralValue,
    SourceInfo, operators,
};
use cel::parser::Parser;

use crate::expr::{Binary, Expr, ExprKind, ExpressionFault, Fold, Literal, TextSpan};
use crate::limits::{EXPRESSION_BYTES, EXPRESSION_DEPTH};
use crate::syntax_fault::syntax_fault;
use crate::term::{Arithmetic, Comparison};

/// Nested parentheses, calls and lists that the generated parser may recurse into.
const PARSER_DEPTH: u16 = 64;

impl Expr {
    /// Parse CEL with optional syntax (`.?field`, `[?index]`).
    ///
    /// # Errors
    /// A syntax error, a part of CEL that specifications do not use, or an expression that is
    /// too long or nested too deeply.
    pub fn parse(text: &str) -> Result<Self, ExpressionFault> {
        let whole = (0, text.len());
        if text.len() > EXPRESSION_BYTES {
            let message = format!("{} bytes are too many for one expression", text.len());
            return Err(ExpressionFault::new((0, 0), message)
                .help(format!("name parts of it with `let`; the limit is {EXPRESSION_BYTES}")));
        }
        let parser = Parser::new()
            .enable_optional_syntax(true)
            .max_recursion_depth(PARSER_DEPTH)
            .error_recovery_limit(1);
        match parser.parse_with_source_info(text) {
            Ok((expr, info)) if is_shallow(&expr) => Lowering { text, info: &info }.lower(&expr),
            Ok(_) => Err(too_deep(whole)),
            Err(errors) => Err(syntax_fault(text, &errors.errors)),
        }
    }
}

pub(crate) fn too_deep(span: TextSpan) -> ExpressionFault {
    ExpressionFault::new(span, "this expression is nested too deeply")
        .help("name parts of it with `let`")
}

/// Are no more than [`EXPRESSION_DEPTH`] expressions inside each other? Without recursion:
/// long chains of operators nest to the left as deep as they are long.
fn is_shallow(expr: &IdedExpr) -> bool {
    let mut waiting = vec![(expr, 1)];
    while let Some((expr, depth)) = waiting.pop() {
        if depth > EXPRESSION_DEPTH {
            return false;
        }
        let mut visit = |child| waiting.push((child, depth + 1));
        match &expr.expr {
            CelExpr::Unspecified | CelExpr::Ident(_) | CelExpr::Literal(_) => {}
            CelExpr::Call(call) => {
                call.target.iter().for_each(|target| visit(target));
                call.args.iter().for_each(visit);
            }
            CelExpr::Comprehension(fold) => {
                let inner = [&fold.iter_range, &fold.accu_init, &fold.loop_cond, &fold.loop_step];
                inner.into_iter().for_each(&mut visit);
                visit(&fold.result);
            }
            CelExpr::List(list) => list.elements.iter().for_each(visit),
            CelExpr::Select(select) => visit(&select.operand),
            // Refused as a whole.
            CelExpr::Map(_) | CelExpr::Struct(_) => {}
        }
    }
    true
}

struct Lowering<'t> {
    text: &'t str,
    info: &'t SourceInfo,
}

impl Lowering<'_> {
    /// The token that the parser remembers for a node, in bytes.
    fn token(&self, id: u64) -> TextSpan {
        match self.info.offset_for(id) {
            // The parser includes the last byte.
            Some((start, end)) => (start as usize, end as usize + 1),
            None => (0, self.text.len()),
        }
    }

    /// The name before a parenthesis, or the field after a dot.
    fn name(&self, token: TextSpan, name: &str) -> TextSpan {
        let before = self.text.get(..token.0).map(str::trim_end).unwrap_or_default();
        if before.ends_with(name) {
            return (before.len() - name.len(), before.len());
        }
        let after = self.text.get(token.1..).unwrap_or_default();
        let field = after.trim_start_matches(|c: char| c == '?' || c.is_whitespace());
        let start = self.text.len() - field.len();
        if field.starts_with(name) { (start, start + name.len()) } else { token }
    }

    fn expr(&self, id: u64, kind: ExprKind) -> Expr {
        let token = self.token(id);
        let token = match &kind {
            ExprKind::Call { name, .. } => self.name(token, name),
            ExprKind::Select { field, .. } => self.name(token, field),
            ExprKind::Has { .. } => self.name(token, "has"),
            _ => token,
        };
        let mut expr = Expr { span: token, token, kind };
        let children = expr.children().into_iter().map(|child| child.span);
        expr.span = children.fold(token, |a, b| (a.0.min(b.0), a.1.max(b.1)));
        expr
    }

    fn unsupported(&self, id: u64, what: &str) -> ExpressionFault {
        ExpressionFault::new(self.token(id), format!("{what} have no meaning in a specification"))
    }

    fn lower(&self, node: &IdedExpr) -> Result<Expr, ExpressionFault> {
        let id = node.id;
        let kind = match &node.expr {
            CelExpr::Literal(literal) => ExprKind::Literal(match literal {
                LiteralValue::Null => Literal::Null,
                LiteralValue::Boolean(value) => Literal::Bool(*value.inner()),
                LiteralValue::Int(value) => Literal::Int(*value.inner()),
                LiteralValue::String(value) => Literal::Text(value.inner().to_owned()),
                LiteralValue::UInt(_) => return Err(self.unsupported(id, "unsigned literals")),
                LiteralValue::Double(_) => return Err(self.unsupported(id, "fractions")),
                LiteralValue::Bytes(_) => return Err(self.unsupported(id, "bytes")),
            }),
            CelExpr::Ident(name) => ExprKind::Name(name.clone()),
            CelExpr::List(list) => self.list(list)?,
            CelExpr::Select(select) => {
                let operand = Box::new(self.lower(&select.operand)?);
                let field = select.field.clone();
                if select.test {
                    ExprKind::Has { operand, field }
                } else {
                    ExprKind::Select { operand, field, optional: false }
                }
            }
            CelExpr::Call(call) => self.call(id, call)?,
            CelExpr::Comprehension(fold) => self.fold(fold)?,
            CelExpr::Map(map) => {
                let first = map.entries.first().map(|entry| match &entry.expr {
                    EntryExpr::MapEntry(entry) => entry.key.id,
                    EntryExpr::StructField(field) => field.value.id,
                });
                return Err(self.unsupported(first.unwrap_or(id), "map literals"));
            }
            CelExpr::Struct(_) => return Err(self.unsupported(id, "message literals")),
            CelExpr::Unspecified => return Err(self.unsupported(id, "empty expressions")),
        };
        Ok(self.expr(id, kind))
    }

    fn list(&self, list: &ListExpr) -> Result<ExprKind, ExpressionFault> {
        let optional = list.optional_indices.first().and_then(|index| list.elements.get(*index));
        if let Some(item) = optional {
            return Err(self.unsupported(item.id, "optional list items"));
        }
        Ok(ExprKind::List(list.elements.iter().map(|e| self.lower(e)).collect::<Result<_, _>>()?))
    }

    fn fold(&self, fold: &ComprehensionExpr) -> Result<ExprKind, ExpressionFault> {
        if fold.iter_var2.is_some() {
            return Err(self.unsupported(fold.iter_range.id, "two-variable comprehensions"));
        }
        // The loop condition only stops early; stopping changes no result.
        Ok(ExprKind::Fold(Box::new(Fold {
            range: self.lower(&fold.iter_range)?,
            item: fold.iter_var.clone(),
            accumulator: fold.accu_var.clone(),
            initial: self.lower(&fold.accu_init)?,
            step: self.lower(&fold.loop_step)?,
            result: self.lower(&fold.result)?,
        })))
    }

    fn call(&self, id: u64, call: &CallExpr) -> Result<ExprKind, ExpressionFault> {
        let arguments: Vec<Expr> =
            call.args.iter().map(|argument| self.lower(argument)).collect::<Result<_, _>>()?;
        if let Some(target) = &call.target {
            let target = Some(Box::new(self.lower(target)?));
            return Ok(ExprKind::Call { target, name: call.func_name.clone(), arguments });
        }
        let name = call.func_name.as_str();
        let mut boxed = arguments.clone().into_iter().map(Box::new);
        Ok(match (name, boxed.next(), boxed.next(), boxed.next()) {
            (operators::CONDITIONAL, Some(c), Some(a), Some(b)) => ExprKind::If(c, a, b),
            (operators::LOGICAL_NOT, Some(a), None, None) => ExprKind::Not(a),
            (operators::NEGATE, Some(a), None, None) => ExprKind::Negate(a),
            (operators::INDEX, Some(operand), Some(index), None) => {
                ExprKind::Index { operand, index, optional: false }
            }
            (operators::OPT_INDEX, Some(operand), Some(index), None) => {
                ExprKind::Index { operand, index, optional: true }
            }
            (operators::OPT_SELECT, Some(operand), Some(field), None) => match field.kind {
                ExprKind::Literal(Literal::Text(field)) => {
                    ExprKind::Select { operand, field, optional: true }
                }
                _ => return Err(self.unsupported(id, "computed field names")),
            },
            (operators::GREATER, Some(a), Some(b), None) => {
                ExprKind::Binary(Binary::Compare(Comparison::Less), b, a)
            }
            (operators::GREATER_EQUALS, Some(a), Some(b), None) => {
                ExprKind::Binary(Binary::Compare(Comparison::AtMost), b, a)
            }
            (name, Some(a), Some(b), None) if binary(name).is_some() => {
                ExprKind::Binary(binary(name).unwrap_or(Binary::Equal), a, b)
            }
            _ => ExprKind::Call { target: None, name: name.to_owned(), arguments },
        })
    }
}

fn binary(name: &str) -> Option<Binary> {
    Some(match name {
        operators::ADD => Binary::Arithmetic(Arithmetic::Add),
        operators::SUBSTRACT => Binary::Arithmetic(Arithmetic::Sub),
        operators::MULTIPLY => Binary::Arithmetic(Arithmetic::Mul),
        operators::DIVIDE => Binary::Arithmetic(Arithmetic::Div),
        operators::MODULO => Binary::Arithmetic(Arithmetic::Rem),
        operators::LESS => Binary::Compare(Comparison::Less),
        operators::LESS_EQUALS => Binary::Compare(Comparison::AtMost),
        operators::EQUALS => Binary::Equal,
        operators::NOT_EQUALS => Binary::NotEqual,
        operators::LOGICAL_AND => Binary::And,
        operators::LOGICAL_OR => Binary::Or,
        operators::IN => Binary::In,
        _ => return None,
    })
}
