//! A visit that creates a subscriber.

use boostgpt_sso::{
    AccountId, SubscriberId,
    store::{ProvisionError, ProvisionRequest, Provisioned, Subscriber, linking::Decision},
};

use super::{
    contents::Contents,
    faults::Fault::*,
    visit::{Facts, Later, with},
};

impl Contents {
    pub fn create(
        &mut self,
        request: &ProvisionRequest,
        facts: &Facts,
        decision: &Decision,
    ) -> (Result<Provisioned, ProvisionError>, Later) {
        let (project, identity) = (request.visitor().project(), request.identity());
        let new_account = facts.new_account.unwrap_or_else(|| AccountId::generate().unwrap());
        let holder = facts.by_email.as_ref().filter(|_| self.is(ANewcomerGetsTheHoldersAccount));
        let account = holder.map(|holder| holder.account).or(facts.account).unwrap_or(new_account);
        let mut key = self.email_key(identity.email().as_str());
        if self.is(AccountsAreOfAProject) {
            key = format!("{project} {key}");
        }
        if holder.is_none() {
            self.accounts.insert(key, account);
        }
        let id = self.new_id(request);
        let own_day = self.own_day(request, true);
        let mut new = Subscriber::new(project, id, account, self.issued_at(request), own_day);
        new.email = decision.sets_email.then(|| self.kept_address(identity.email().as_str()));
        new.name = identity.name().map(|name| self.kept_name(name));
        new.external_id = identity.external_id().map(str::to_owned);
        if self.is(ARecycledAddressIsTaken)
            && let Some(holder) = &facts.by_email
        {
            self.subscribers.get_mut(&(project, holder.id)).unwrap().email = None;
        }
        let left = identity.external_id().map(|external_id| (project, external_id.to_owned()));
        if let Some(left) = left.and_then(|left| self.past_by_external_id.remove(&left)) {
            self.past.insert((project, id), left);
        }
        let had = facts.forgotten_at.is_some() && !self.is(TheForgottenAreGrantedAgain);
        let granted = facts
            .free_tier
            .filter(|credits| (*credits > 0 || self.is(GrantsOfZeroAreMade)) && !had)
            .filter(|_| !self.grants.contains_key(&(project, account)) || self.is(GrantsAreTheSubscribers))
            .filter(|_| !self.is(NothingIsGranted))
            .filter(|_| account == new_account || !self.is(GrantsComeWithTheAccount))
            .map(|credits| if self.is(GrantsAreOfAHundred) { 100 } else { credits });
        let day = self.day(request);
        let provisioned = with(Provisioned::found(account, id), |of| {
            of.created_account = account == new_account;
            of.created_subscriber = true;
            of.granted = granted;
            of.conflict = decision.conflict;
        });
        let (grant, visit) = ((project, account), (project, day, id));
        let mut later: Later = None;
        match self.fault {
            Some(TheGrantIsASecondStep) => {
                later = Some(Box::new(move |contents| contents.grants.extend(granted.map(|of| (grant, of)))));
                self.visits.insert(visit, true);
            }
            Some(TheVisitIsASecondStep) => {
                later = Some(Box::new(move |contents| contents.visits.extend([(visit, true)])));
                self.grants.extend(granted.map(|of| (grant, of)));
            }
            Some(TheExternalIdIsASecondStep) => {
                let external_id = new.external_id.take();
                later = Some(Box::new(move |contents| {
                    contents.subscribers.get_mut(&(project, id)).unwrap().external_id = external_id;
                }));
                self.grants.extend(granted.map(|of| (grant, of)));
                self.visits.insert(visit, true);
            }
            _ => {
                self.grants.extend(granted.map(|of| (grant, of)));
                self.visits.insert(visit, !self.is(NoVisitIsFirst));
            }
        }
        self.subscribers.insert((project, id), new);
        (Ok(provisioned), later)
    }

    fn new_id(&self, request: &ProvisionRequest) -> SubscriberId {
        let mut bytes = *SubscriberId::generate().unwrap().as_bytes();
        if self.is(IdsAreRandom) {
            bytes.reverse();
        }
        if self.is(IdsBeginWithZeros) {
            bytes[..6].fill(0);
        }
        if self.is(IdsAreThoseOfNames) {
            bytes = [0; 16];
            bytes[..8].copy_from_slice(&request.visitor().project().as_bytes()[8..]);
            let email = self.email_key(request.identity().email().as_str());
            for (number, byte) in
                email.bytes().chain(request.identity().external_id().unwrap_or("").bytes()).enumerate()
            {
                bytes[8 + number % 8] = bytes[8 + number % 8].wrapping_mul(31).wrapping_add(byte);
            }
        }
        SubscriberId::from_bytes(bytes)
    }

    pub fn kept_address(&self, address: &str) -> String {
        if self.is(AddressesAreKeptInLowerCase) { address.to_ascii_lowercase() } else { address.to_owned() }
    }

    pub fn kept_name(&self, name: &str) -> String {
        match self.fault {
            Some(NamesAreTrimmed) => name.trim().to_owned(),
            Some(NamesAreCut) => name.chars().take(100).collect(),
            _ => name.to_owned(),
        }
    }
}
