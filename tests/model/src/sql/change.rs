//! The statement that changes a subscriber.

use super::{Server, Statement, Step, Transaction};
use crate::{
    fault::Fault,
    table::{Key, Row, Subscriber},
};

impl Server<'_> {
    pub(super) fn change(&self, index: usize, mut this: Transaction) -> Result<Step, Step> {
        let Statement::Change {
            facts,
            id,
            revision,
            takes_email,
            takes_external_id,
            gives_up,
            records_visit,
        } = this.statement
        else {
            return Ok(Step::Undone);
        };
        let project = facts.project;
        let email = Some(facts.email).filter(|_| takes_email);
        let external_id = facts.external_id.filter(|_| takes_external_id);
        let mut names: Vec<_> = [email, external_id].into_iter().flatten().collect();
        names.sort_by_key(|read| read.name);
        let all = names.len() + usize::from(gives_up.is_some());
        let step = usize::from(this.steps) - 2;
        if step == 0 {
            let row = self.take(index, &this, Key::Subscriber(project, id))?;
            let Some(Row::Subscriber(known)) = row else { return Ok(Step::Nothing) };
            if known.revision != revision && !self.has(Fault::NoRevision) {
                return Ok(Step::Nothing);
            }
            let changed = Subscriber {
                revision: known.revision + 1,
                email: email.map(|read| read.name).or(known.email),
                external_id: external_id.map(|read| read.name).or(known.external_id),
                applied_at: known.applied_at.max(facts.issued_at),
                last_day: known.last_day.max(facts.day),
                ..known
            };
            this.writes.push((Key::Subscriber(project, id), Some(Row::Subscriber(changed))));
        } else if let Some(read) = names.get(step - 1).copied() {
            self.take_name(index, &mut this, &facts, read, id)?;
        } else if let Some(name) = gives_up {
            let key = Key::Name(project, name);
            if let Some(Row::Name { holder: Some(holder), forgotten_at }) = self.take(index, &this, key)?
                && holder == id
            {
                this.writes.push((key, Some(Row::Name { holder: None, forgotten_at })));
                this.names += 1;
            }
        }
        if step < all {
            return Ok(Step::Went(this));
        }
        if usize::from(this.names) != all && !self.has(Fault::NoGuard) {
            return Ok(Step::Undone);
        }
        if let Some(name) = gives_up {
            this.writes.push((Key::Past(project, id, name), Some(Row::Mark)));
        }
        if records_visit {
            this.writes.push((Key::Visit(project, facts.day, id), Some(Row::Mark)));
        }
        Ok(Step::Committed(this))
    }
}
