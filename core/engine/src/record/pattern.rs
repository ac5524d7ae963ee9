//! Paths and globs of the sources of a component.

/// A path or glob, relative to a folder, with `/` between its parts.
///
/// `*` is any characters of a part, `?` is one, and `**` as a part is any number of folders.
/// As in a shell, what begins with a dot is met only by a part that does.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pattern<'p> {
    parts: Vec<&'p str>,
}

/// How far a path has come in a pattern: before which parts of it may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Progress(Vec<bool>);

impl<'p> Pattern<'p> {
    /// None when it leads, or may lead, out of the folder.
    pub(super) fn parse(text: &'p str) -> Option<Self> {
        let outside = text.starts_with(['/', '~']) || text.contains('\\');
        let drive = text.as_bytes().get(1) == Some(&b':');
        let parts: Vec<_> = text.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        let up = parts.contains(&"..");
        (!outside && !drive && !up && !parts.is_empty()).then_some(Self { parts })
    }

    /// The one path that it is, when it is no glob.
    pub(super) fn literal(&self) -> Option<String> {
        let plain = self.parts.iter().all(|part| !part.contains(['*', '?']));
        plain.then(|| self.parts.join("/"))
    }

    /// Nothing of a path was met yet.
    pub(super) fn start(&self) -> Progress {
        let mut at = vec![false; self.parts.len() + 1];
        if let Some(first) = at.first_mut() {
            *first = true;
        }
        self.closed(at)
    }

    /// One more part of a path.
    pub(super) fn step(&self, progress: &Progress, part: &str) -> Progress {
        let mut at = vec![false; self.parts.len() + 1];
        let hidden = part.starts_with('.');
        for (index, pattern) in self.parts.iter().enumerate() {
            if !progress.0.get(index).is_some_and(|here| *here) {
                continue;
            }
            let stays = *pattern == "**" && !hidden;
            let goes_on = *pattern != "**" && matches_part(pattern, part);
            for (next, reached) in [(index, stays), (index + 1, goes_on)] {
                if let (Some(place), true) = (at.get_mut(next), reached) {
                    *place = true;
                }
            }
        }
        self.closed(at)
    }

    /// `**` may be no folder at all.
    fn closed(&self, mut at: Vec<bool>) -> Progress {
        for (index, pattern) in self.parts.iter().enumerate() {
            let here = at.get(index).is_some_and(|here| *here);
            if let (true, "**", Some(next)) = (here, *pattern, at.get_mut(index + 1)) {
                *next = true;
            }
        }
        Progress(at)
    }

    /// Is a path that came so far one that is meant?
    pub(super) fn is_met(progress: &Progress) -> bool {
        progress.0.last().is_some_and(|end| *end)
    }

    /// Can a path that goes on from here be one that is meant?
    pub(super) fn may_go_on(&self, progress: &Progress) -> bool {
        progress.0.iter().take(self.parts.len()).any(|here| *here)
    }

    /// Is this path meant?
    pub(super) fn matches(&self, path: &str) -> bool {
        let end = path.split('/').fold(self.start(), |at, part| self.step(&at, part));
        Self::is_met(&end)
    }
}

/// `*` and `?` in one part. Where a star took too little, the last one takes more.
fn matches_part(pattern: &str, part: &str) -> bool {
    if part.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let pattern: Vec<_> = pattern.chars().collect();
    let text: Vec<_> = part.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(character) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == character => {
                p += 1;
                t += 1;
            }
            _ => match &mut star {
                Some((at, taken)) => {
                    *taken += 1;
                    (p, t) = (*at + 1, *taken);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|rest| *rest == '*')
}
