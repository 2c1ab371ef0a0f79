//! The wrong stores: each breaks one sentence of the contract, and at least one check of the suite finds it.

use boostgpt_sso::store::conformance;

use super::table::{Check, Wrong, faults, wrong};

faults! {
    fixture {
        // Secrets.
        AnUnknownBotIsWithoutSecret: a_new_bot_has_no_secret,
            "an unknown bot is told from one without a secret";
        ABotWithoutSecretIsUnknown: a_new_bot_has_no_secret,
            "a bot without a secret is told from an unknown one";
        ARemovedSecretIsAnUnknownBot: a_removed_secret_is_gone, "a bot stays when its secret is removed";
        TheSecretIsAnotherBots: bots_have_secrets_of_their_own, "current_secret finds the bot's own secret";
        TheProjectIsAnother: a_bot_provisions_in_its_own_project_only,
            "current_secret finds the bot's own project";
        RegeneratingTwiceKeepsTheSecret: a_regenerated_secret_is_the_current_one,
            "every regeneration makes a new secret";
        AnotherSecretIsReturned: a_regenerated_secret_is_the_current_one,
            "the secret that is returned is the current one";
        RegeneratingChangesEveryBot: bots_have_secrets_of_their_own, "a regeneration leaves other bots alone";
        RemovingDoesNothing: a_removed_secret_is_gone, "a removed secret is gone";
        RemovingTakesEverySecret: bots_have_secrets_of_their_own, "a removal leaves other bots alone";
        ARemovedSecretProvisions: a_removed_secret_is_gone,
            "provision refuses the version of a removed secret";
        RegeneratingKeepsTheVersion: versions_never_return, "a regeneration makes a new version";
        RemovingBringsTheVersionBack: versions_never_return, "no version is used again after a removal";
        VersionsAreCounted: bots_have_secrets_of_their_own,
            "no version ever names two secrets, of different bots either";
        TheSecretIsWrittenBeforeTheVersion: two_changes_of_a_secret_meet,
            "secret and version are written in one step";
        // Versions.
        VersionsAreNotCompared: an_old_version_provisions_no_visitor,
            "provision compares the secret's version";
        VersionsOfKnownVisitorsAreNotCompared: an_old_version_changes_no_subscriber,
            "the version of a known visitor's token is compared, too";
        VersionsAreNotComparedOnANewDay: an_old_version_changes_no_subscriber,
            "the version is compared on the first visit of a day, too";
        VersionsOfAnyBotProvision: bots_have_secrets_of_their_own,
            "the version is compared with that of the token's own bot";
        VersionsBeforeTheLastProvision: versions_never_return, "every older version is refused";
        VersionsAreComparedByTheirTime: an_old_version_provisions_no_visitor,
            "versions are compared to their end";
        VersionsAreComparedByTheirEnd: an_old_version_provisions_no_visitor,
            "versions are compared from their beginning";
        AnyChangeOfASecretEndsVisitsBefore: a_change_of_another_ends_no_visit,
            "a change of another bot's secret ends no visit";
        AnyErasureEndsVisitsBefore: a_change_of_another_ends_no_visit,
            "an erasure of another subscriber ends no visit";
        ABotProvisionsInAnyProject: a_bot_provisions_in_its_own_project_only,
            "a bot provisions in its own project only";
        UnknownBotsProvision: an_unknown_bot_provisions_no_visitor, "an unknown bot is SecretChanged";
        ErrorsAreSwallowed: an_old_version_provisions_no_visitor, "a refusal is an error, not an answer";
        TheVersionIsComparedBefore: a_changed_secret_ends_the_visits_under_way,
            "the version is compared in the atomic step";
        ErasuresAreLookedAtFirst: a_visit_is_refused_for_the_first_reason,
            "the version is compared before everything else";
        // Creation forbidden.
        ForbiddingCreates: a_request_may_forbid_creation, "a request that forbids creation creates nothing";
        ForbiddingLeavesAnAccount: a_request_may_forbid_creation, "WouldCreate writes no account";
        ForbiddingRefusesTheKnown: a_request_may_forbid_creation,
            "a request that forbids creation finds the known";
        ForbiddingWritesNothing: a_request_may_forbid_creation,
            "a request that forbids creation writes what changed";
        ForbiddingHidesConflicts: a_conflict_keeps_back_the_address_only,
            "a conflict is reported where creation is forbidden, too";
        CreationIsForbiddenBefore: a_forbidden_creation_meets_an_erasure,
            "what a request forbids is decided in the atomic step";
        // Who is who.
        ARecycledAddressInherits: unknown_external_id_with_anothers_address_creates,
            "another external id is another subscriber";
        ARecycledAddressIsTaken: unknown_external_id_with_anothers_address_creates,
            "the address stays with its holder";
        TheAddressWins: known_external_id_wins_over_anothers_address, "the external id wins over the address";
        AConflictTakesTheAddress: known_external_id_wins_over_anothers_address,
            "a conflict leaves the address where it is";
        AConflictDropsTheName: a_conflict_keeps_back_the_address_only,
            "a conflict keeps back the address only";
        AConflictIsReportedOnce: unknown_external_id_with_anothers_address_creates,
            "a conflict is reported as long as it lasts";
        AConflictNamesTheVisitor: unknown_external_id_with_anothers_address_creates,
            "a conflict names who has the address";
        AnOlderTokenHasNoConflict: a_conflict_keeps_back_the_address_only,
            "a conflict is reported whatever the token's age";
        ExternalIdsAreNotTaken: unknown_external_id_is_taken_by_the_holder_of_the_address,
            "the holder of an address takes the external id";
        ExternalIdsAreWrittenAgain: an_external_id_is_written_once, "an external id is written once";
        AMissingExternalIdErases: known_address_is_its_holder, "a missing external id erases none";
        AMissingNameErases: a_missing_name_erases_nothing, "a missing name erases nothing";
        AddressesNeverChange: known_external_id_takes_a_free_address,
            "the subscriber of the external id takes a free address";
        SpellingsNeverChange: the_spelling_of_an_address_is_the_newest,
            "an address is kept as it was last given";
        CreationIsReportedAgain: a_returning_visitor_reports_nothing_created,
            "a creation is reported by the call that made it";
        OlderTokensApply: an_older_token_changes_nothing, "an older token changes no profile field";
        TokensOfTheSameSecondAreOlder: an_older_token_changes_nothing, "a token of the same second applies";
        AppliedAtGoesBack: an_older_token_on_a_new_day_is_a_visit_only, "applied_at never goes back";
        AppliedAtStays: an_older_token_changes_nothing, "applied_at moves with what is written";
        AgesAreComparedBefore: the_newer_of_two_tokens_decides,
            "a token's age is compared in the atomic step";
        KnownVisitorsAreReadBefore: what_two_tokens_change_stays, "a visit undoes nothing of another one";
        // Dates.
        ATokenWithoutIssueIsNew: a_token_without_a_time_of_issue_is_as_old_as_it_can_be,
            "a token without iat is an hour older than its exp";
        ATokenWithoutIssueIsTheOldest: a_token_without_a_time_of_issue_is_as_old_as_it_can_be,
            "a token without iat is no older than an hour before its exp";
        ATokenWithoutIssueRevives: a_token_without_a_time_of_issue_brings_no_subscriber_back,
            "a token without iat does not revive the forgotten";
        TokensAreDatedByTheirExpiry: a_short_token_is_as_old_as_it_says, "a token with iat was issued then";
        TokensAreDatedByTheirVisit: a_token_is_as_old_as_its_issue_not_as_its_visit,
            "a token is as old as its issue";
        TokensAreDatedInMinutes: the_newer_of_two_tokens_decides, "tokens are compared by the second";
        DaysAreTheTokens: a_day_is_that_of_the_visit, "days are those of visits, not of tokens";
        TheFirstDayMoves: a_day_is_that_of_the_visit, "the first day is the first visit's";
        TheLastDayGoesBack: a_day_is_that_of_the_visit, "the last day never goes back";
        AnErasureEndsWithItsMinute: an_older_token_is_refused_however_late_it_comes,
            "an older token is refused however late it comes";
        ReturningDaysAreLocal: a_time_may_have_any_offset, "the last day is a UTC day";
        DaysOfSubscribersAreLocal: a_time_may_have_any_offset, "the first day is a UTC day";
        AnErasureLosesItsOffset: a_time_may_have_any_offset, "an erasure is as of a moment";
        DaysAreRounded: a_time_may_have_a_fraction, "the last moment of a day is of that day";
        AnErasureIsRounded: a_time_may_have_a_fraction, "an erasure is as of a moment, never of a later one";
        AppliedAtEndsIn2038: times_have_no_end_in_2038, "times of tokens do not end in 2038";
        ErasuresEndIn2038: times_have_no_end_in_2038, "times of erasures do not end in 2038";
        ReturningIsWritten: a_returning_visitor_of_the_same_day_writes_nothing,
            "a returning visitor of the same day costs no write";
        // Texts.
        AddressesAreComparedWithCase: addresses_are_compared_by_their_key,
            "an account is unique by e-mail key, in which ASCII case is folded";
        AddressesAreFoldedAsUnicode: addresses_are_compared_by_their_key,
            "an e-mail key folds ASCII letters only";
        AddressesLoseTheirTag: addresses_are_compared_by_their_key, "an e-mail key keeps what follows a plus";
        AddressesLoseTheirDots: addresses_are_compared_by_their_key, "an e-mail key keeps its dots";
        DomainsAreFoldedAsUnicode: addresses_are_compared_by_their_key,
            "an e-mail key folds ASCII letters only, in the domain as well";
        DomainsLoseTheirEszett: addresses_are_compared_by_their_key, "an e-mail key normalises no domain";
        ExternalIdsAreFolded: external_ids_are_compared_byte_for_byte,
            "external ids are compared with their case";
        ExternalIdsAreTrimmed: external_ids_are_compared_byte_for_byte,
            "external ids are compared with their spaces";
        ExternalIdsAreNumbers: external_ids_are_compared_byte_for_byte, "external ids are texts";
        NamesShareOneIndex: an_external_id_may_look_like_another_name, "an address is no external id";
        IdsAreExternalIds: an_external_id_may_look_like_another_name, "an id is no external id";
        ExternalIdsAreCut: external_ids_are_compared_byte_for_byte, "external ids are compared whole";
        NamesAreTrimmed: names_are_kept_byte_for_byte, "names are kept with their spaces";
        NamesAreCut: names_are_kept_byte_for_byte, "names are kept whole";
        AddressesAreKeptInLowerCase: addresses_are_kept_byte_for_byte, "addresses are kept byte for byte";
        // Exactly once.
        AccountsAreOfAProject: an_account_is_unique_across_projects, "an account is unique across projects";
        TheAccountIsThatOfTheAddress: a_changed_address_moves_no_account, "history and credits never move";
        AFreeAddressJoinsTheAccount: a_changed_address_joins_no_account, "a changed address joins no account";
        ANewcomerGetsTheHoldersAccount: a_newcomer_gets_no_account_of_who_took_the_address,
            "an address that was taken later is not the account's";
        NothingIsGranted: a_grant_is_made_once, "creating a subscriber grants the free tier";
        GrantsAreTheSubscribers: a_second_subscriber_of_an_account_is_not_granted_again,
            "a grant is unique by project and account";
        GrantsComeWithTheAccount: each_project_grants_for_itself, "each project grants for itself";
        GrantsOfZeroAreMade: no_free_tier_no_grant, "a free tier of 0 is none";
        GrantsOfZeroAreShown: no_free_tier_no_grant, "nothing granted, nothing shown";
        GrantsAreOfAHundred: a_grant_is_of_the_projects_amount, "a grant is of the project's amount";
        AFreeTierOfZeroIsNotSet: a_grant_is_of_the_projects_amount, "a free tier can be set to 0";
        GrantsAreShownOfEveryProject: each_project_grants_for_itself, "a grant is shown in its own project";
        AFreeTierIsGrantedAtOnce: a_later_free_tier_grants_existing_subscribers_nothing,
            "set_free_tier grants existing subscribers nothing";
        ReturningIsGranted: a_later_free_tier_grants_existing_subscribers_nothing,
            "a returning visitor is granted nothing";
        WhoChangesIsGranted: a_later_free_tier_grants_existing_subscribers_nothing,
            "a known visitor whose names change is granted nothing";
        TheGrantIsReportedAgain: a_grant_is_made_once, "a grant is reported by the call that made it";
        TheForgottenAreGrantedAgain: a_newer_token_makes_a_new_subscriber,
            "the forgotten get no second grant";
        SubscribersAreLookedForBefore: two_first_visits_meet, "subscribers are looked for in the atomic step";
        AccountsAreLookedForBefore: two_projects_meet_in_an_account,
            "the account is looked for in the atomic step";
        TheFreeTierIsReadBefore: a_free_tier_is_that_of_the_moment,
            "the free tier is read in the atomic step";
        TheGrantIsASecondStep: no_half_of_a_first_visit_is_seen, "the grant is made in the atomic step";
        TheExternalIdIsASecondStep: no_half_of_a_first_visit_is_seen,
            "the external id is written in the atomic step";
        TheNewNameIsASecondStep: no_half_of_a_changed_address_is_seen,
            "a new name is written in the atomic step";
        ThePastAddressIsASecondStep: an_address_that_was_given_up_halfway_is_forgotten,
            "a past address is kept in the atomic step that replaces it";
        TheAccountIsAFirstStep: a_dropped_visit_leaves_no_account_alone,
            "the account is created in the atomic step";
        // Dropped calls.
        TheRemovalIsASecondStep: a_dropped_removal_is_whole, "a secret is removed in one atomic step";
        ADroppedRemovalComesLater: a_dropped_change_of_a_secret_undoes_no_later_one,
            "a dropped removal undoes no later regeneration";
        ADroppedRegenerationComesLater: a_dropped_change_of_a_secret_undoes_no_later_one,
            "a dropped regeneration undoes no later one";
        ADroppedFreeTierComesLater: a_dropped_free_tier_undoes_no_later_one,
            "a dropped set_free_tier undoes no later one";
        ADroppedVisitComesLater: a_dropped_visit_undoes_no_later_one, "a dropped visit undoes no later one";
        ADroppedVisitComesUnderALaterSecret: a_dropped_visit_comes_under_no_later_secret_and_revives_no_one,
            "a dropped visit compares the version when it comes";
        ADroppedVisitRevives: a_dropped_visit_comes_under_no_later_secret_and_revives_no_one,
            "a dropped visit looks for erasures when it comes";
        // Erasure.
        ForgettingDoesNothing: a_forgotten_subscriber_is_not_found, "the subscriber is erased";
        ForgettingSaysNothing: forgetting_says_whether_there_was_a_subscriber,
            "forget says that there was a subscriber";
        ForgettingAlwaysSaysYes: forgetting_says_whether_there_was_a_subscriber,
            "forget says that there was no subscriber";
        ForgetsInAnyProject: a_subscriber_is_not_forgotten_from_another_project,
            "a project forgets its own subscribers";
        ForgettingTakesTheProject: a_forgotten_subscriber_is_not_found,
            "an erasure leaves other subscribers alone";
        ForgettingTakesTheAccountsSubscribers: the_account_stays_while_another_project_uses_it,
            "an erasure leaves the account's other subscribers alone";
        AnErasureRefusesNoToken: a_token_issued_before_does_not_bring_them_back,
            "an older token does not bring them back";
        AnErasureHasNoMinute: a_token_issued_before_does_not_bring_them_back,
            "the older token's clock may be a minute fast";
        AnErasureIsForAnHour: a_newer_token_makes_a_new_subscriber,
            "a token that is newer by more than a minute makes a new subscriber";
        AnErasureIsForEver: a_newer_token_makes_a_new_subscriber, "a newer token makes a new subscriber";
        AnErasureEndsASecondEarly: a_token_issued_before_does_not_bring_them_back,
            "the older token's clock may be a whole minute fast";
        AnErasureIsASecondLonger: a_newer_token_makes_a_new_subscriber,
            "a token that is newer by a minute and a second makes a new subscriber";
        AnErasureIsOfAWholeMinute: a_token_issued_before_does_not_bring_them_back,
            "an erasure is as of a second";
        AnExternalIdThatWasTakenIsNotForgotten: a_token_issued_before_is_known_by_either_name,
            "an external id that was taken later is forgotten, too";
        ForgetsTheAddressOnly: a_token_issued_before_is_known_by_either_name, "the external id is forgotten";
        ForgetsTheExternalIdOnly: a_token_issued_before_is_known_by_either_name, "the address is forgotten";
        PastAddressesAreNotForgotten: past_addresses_are_forgotten_too, "past addresses are forgotten, too";
        PastAddressesAreLost: past_addresses_are_forgotten_too,
            "past addresses are kept until they are forgotten";
        PastAddressesOutliveAnErasure: a_newer_token_makes_a_new_subscriber,
            "nothing of the forgotten comes back";
        OnePastAddressIsKept: past_addresses_are_forgotten_too, "all past addresses are kept";
        ForgetsInEveryProject: forgetting_ends_at_the_project, "forgetting ends at the project";
        TheLineMovesBack: the_line_never_moves_back, "the line of an erasure never moves back";
        TheLineOfPastAddressesMovesBack: the_line_of_a_past_address_never_moves_back,
            "the line of a past address never moves back";
        TheOldestErasureDecides: the_newest_erasure_of_either_name_decides,
            "the newest erasure of either name decides";
        ANewSubscriberSheltersOlderTokens: a_new_subscriber_shelters_no_older_token,
            "an older token is refused, whoever has its names";
        AForgottenExternalIdIsNotTaken: a_forgotten_external_id_is_free, "a forgotten external id is free";
        ForgottenNamesHaveNoKind: forgotten_names_are_compared_like_names,
            "a forgotten address is no external id";
        ForgottenIdsAreFolded: forgotten_names_are_compared_like_names,
            "forgotten external ids are compared with their case";
        ForgottenAddressesAreFoldedAsUnicode: forgotten_names_are_compared_like_names,
            "forgotten addresses are compared by their keys";
        IdsAreThoseOfNames: a_newer_token_makes_a_new_subscriber, "a new subscriber has a new id";
        TheAccountStays: the_account_is_gone_with_its_last_subscriber,
            "the account is gone with its last subscriber";
        TheAccountGoesWithAnyone: the_account_stays_while_another_project_uses_it,
            "the account stays while it has another subscriber";
        TheAccountGoesThoughAnotherProjectHasIt: the_account_stays_while_another_project_uses_it,
            "the account stays while another project has it";
        TheAccountGoesThoughItsProjectHasIt: forgetting_one_subscriber_leaves_anothers_account,
            "the account stays while another subscriber of the project has it";
        AnAccountKeepsItsAddress: the_address_is_gone_with_the_last_who_has_it,
            "an account loses the address that no subscriber of it has";
        AnAccountKeepsAnAddressGivenUp: the_address_is_gone_with_who_had_given_it_up,
            "an account loses its address with the last who had it, though they had given it up";
        TheGrantStays: a_grant_is_forgotten_in_its_project_only,
            "the grant is gone with the project's last subscriber of the account";
        TheGrantGoesWithAnyone: forgetting_one_subscriber_leaves_anothers_account,
            "the grant stays while another subscriber of the project has the account";
        GrantsGoInEveryProject: a_grant_is_forgotten_in_its_project_only, "other projects keep their grants";
        ErasuresAreLookedForBefore: an_erasure_ends_the_visits_under_way,
            "erasures are looked for in the atomic step";
        OthersOfTheAccountAreLookedForBefore: an_erasure_leaves_no_subscriber_without_account,
            "an account's other subscribers are looked for in the atomic step";
        NamesToForgetAreReadBefore: an_address_that_meets_an_erasure_is_forgotten,
            "the names to forget are read in the atomic step";
        TheLineIsASecondStep: no_half_of_an_erasure_is_seen, "the names are forgotten in the atomic step";
        TheAccountIsASecondStep: a_dropped_erasure_is_whole, "the account is deleted in the atomic step";
        TheAddressGoesInAFirstStep: a_dropped_erasure_leaves_no_account_without_address,
            "the address goes in the atomic step of the erasure";
        ThePastLineIsASecondStep: a_dropped_erasure_is_whole,
            "past addresses are forgotten in the atomic step";
        TheErasedRowIsReadBefore: an_erasure_meets_a_newer_token, "no visit writes an erased subscriber";
        TheErasedAreLookedForBefore: two_erasures_of_a_subscriber_meet,
            "forget looks for the subscriber in the atomic step";
        OtherErasuresAreLookedForBefore: two_erasures_of_an_account_meet,
            "the last of two erasures takes the account with it";
        OthersWithTheGrantAreLookedForBefore: an_erasure_takes_no_grant_of_another,
            "who else has the grant is looked for in the atomic step";
    }
    store {
        // Projects.
        CreatingAProjectSetsItsFreeTier: a_project_is_created_once,
            "creating an existing project changes nothing";
        SettingAFreeTierSetsAll: a_free_tier_can_be_set_and_taken_away, "a free tier is one project's";
        AFreeTierIsNotTakenAway: a_free_tier_can_be_set_and_taken_away, "a free tier can be taken away";
        AnUnknownProjectIsNoError: an_unknown_project_is_an_error, "an unknown project is UnknownProject";
        ARefusedBotIsCreated: an_unknown_project_is_an_error, "a refused create_bot creates no bot";
        CreatingABotTakesItsSecret: a_bot_is_created_once, "creating an existing bot changes nothing";
        CreatingABotMovesIt: a_bot_belongs_to_one_project, "a bot belongs to one project, for good";
        ABotWithoutSecretMoves: a_bot_belongs_to_one_project, "a bot without a secret has a project, too";
        ANewBotIsLookedForBefore: a_repeated_creation_meets_a_regeneration, "creating a bot overwrites none";
        TheProjectIsLookedForBefore: two_creations_of_a_project_meet, "creating a project overwrites none";
        ProjectsAreListedWithoutTiers: projects_are_listed_newest_first, "a list shows free tiers";
        PagesOfProjectsNeedAKnownId: projects_are_listed_newest_first,
            "a page of projects may begin after any id";
        TheBotIsLookedForBefore: two_projects_meet_at_a_bot,
            "create_bot looks for the bot in the step that creates it";
        AnUnknownBotIsNoError: an_unknown_bot_is_an_error, "an unknown bot is UnknownBot";
        ARemovedVersionIsShown: a_bot_is_shown_without_its_secret, "a bot without a secret shows no version";
        BotsAreListedWithoutVersions: a_list_shows_all_of_a_bot, "a list shows the versions of secrets";
        BotsAreListedOfEveryProject: bots_are_listed_newest_first, "bots are listed by project";
        BotsOfOthersFillPages: bots_are_listed_newest_first, "a limit counts the project's own bots";
        BotsWithoutSecretAreNotListed: a_list_shows_all_of_a_bot, "bots without a secret are listed";
        ResealingCountsAll: resealing_keeps_secrets_and_versions,
            "what is sealed under the first key is not sealed anew";
        // Lists.
        ListsAreOldestFirst: pages_are_newest_first, "lists are newest first";
        PagesBeginAtTheId: pages_are_newest_first, "a page begins after the given id";
        PagesBeginAtTheNewest: pages_are_newest_first, "the next page begins where the last one ended";
        PagesNeedAKnownId: a_page_may_start_after_any_id, "a page may begin after any id";
        ALimitIsNone: pages_are_newest_first, "a page is no longer than its limit";
        ALimitIsOneAtLeast: pages_are_newest_first, "a limit of 0 is an empty page";
        IdsAreRandom: ids_begin_with_the_time_of_creation, "ids begin with the time of their creation";
        IdsBeginWithZeros: ids_begin_with_the_time_of_creation, "ids have the time of their creation";
        SubscribersAreListedOfEveryProject: pages_show_their_own_project_only,
            "subscribers are listed by project";
        SubscribersAreListedWithoutGrants: lists_show_all_of_a_subscriber,
            "a list shows grants and past addresses";
        SubscribersAreCountedInEveryProject: subscribers_are_counted, "subscribers are counted by project";
        ThoseWithoutAddressAreNotCounted: subscribers_are_counted,
            "subscribers without an address are counted";
        TheForgottenAreCountedAsSubscribers: subscribers_are_counted, "the forgotten are not counted";
        AnIdFindsInEveryProject: a_subscriber_is_not_found_from_another_project,
            "a project finds its own subscribers only";
        PastAddressesFind: a_subscriber_is_found_by_each_of_their_names, "a past address finds no one";
        PastAddressesAreNotCounted: past_addresses_are_counted, "past addresses are counted";
        TakingAnAddressBackIsNotReported: past_addresses_are_counted,
            "a visit that takes a past address back says so";
        AnotherOnesAddressIsTakenBack: past_addresses_are_counted, "an address is taken back by who had it";
        SpellingsArePastAddresses: past_addresses_are_counted, "past addresses are counted by their keys";
        AnAddressIsFoundInOneProject: an_address_is_found_in_every_project,
            "an address is found in every project";
        AnAddressIsFoundInTwoProjects: an_address_is_found_in_every_project,
            "an address is found in each of many projects";
        PastAddressesAreFoundByTheOperator: an_address_is_found_in_every_project,
            "an operator finds who has the address";
        AddressesAreFoundByPattern: an_operator_finds_an_address_by_its_key, "an address has no wildcards";
        AddressesAreFoundInAnyCase: an_operator_finds_an_address_by_its_key, "a key folds ASCII letters only";
        ASearchFindsBeginnings: a_search_finds_by_each_name, "a search compares exactly";
        ASearchFindsNames: a_search_finds_by_each_name, "a search looks at no names";
        ASearchFindsInEveryProject: a_search_finds_by_each_name, "a search stays in its project";
        ASearchFindsTheFirst: a_search_finds_by_each_name, "a search finds all who have the text as a name";
        ASearchTrims: a_search_finds_by_each_name, "a search compares spaces";
        ASearchFindsTwice: a_search_finds_by_each_name, "a search finds each subscriber once";
        // Days.
        ForbiddingCountsTheVisit: a_forbidden_creation_is_not_counted, "WouldCreate counts no visit";
        RefusedVisitsAreCounted: a_refused_visit_is_not_counted, "a refused visit is not counted";
        ReturningIsNotCounted: a_day_counts_a_subscriber_once, "the first visit of a day is recorded";
        EverybodyIsNew: a_day_counts_a_subscriber_once, "a returning visitor is not new";
        NoVisitIsFirst: a_day_counts_a_subscriber_once, "who comes for the first time is new";
        WhoWasAwayAMonthIsNew: a_subscriber_is_new_on_one_day_only, "one person is new on one day";
        WhoTakesAnAddressIsNew: a_subscriber_is_new_on_one_day_only, "a new address makes no one new";
        AVisitIsTheHolders: a_visit_with_a_conflict_is_the_visitors,
            "a visit is the visitor's, not that of who has the address";
        AnAccountIsCountedOnce: a_visit_with_a_conflict_is_the_visitors,
            "two subscribers of one account are two";
        DaysAreLocal: a_day_is_a_utc_day, "days are UTC days";
        DaysBeginAtOne: midnight_begins_a_new_day, "midnight begins a new day";
        LateVisitsAreRecorded: a_late_visit_is_not_recorded,
            "a visit before the last recorded day is not recorded";
        LateVisitsMoveAppliedAt: a_late_visit_is_not_recorded, "a late visit writes nothing";
        WindowsCountVisits: windows_count_different_subscribers, "windows count different subscribers";
        TheLastDayIsLeftOut: windows_count_different_subscribers, "both ends of a window are included";
        TheFirstDayIsLeftOut: windows_count_different_subscribers, "a window includes its first day";
        AWeekHasEightDays: every_day_counts_its_week_and_its_month, "a week is this day and the 6 before it";
        AMonthHasThirtyOneDays: every_day_counts_its_week_and_its_month,
            "a month is this day and the 29 before it";
        OnlyDaysOfVisitsAreListed: every_day_counts_its_week_and_its_month,
            "a day without visits counts its week and its month";
        EmptyDaysAreListed: every_day_counts_its_week_and_its_month,
            "days on which all counts are 0 are left out";
        DaysAreNewestFirst: days_without_visits_are_left_out, "days are in the order of the calendar";
        VisitsAreCountedInEveryProject: visits_are_counted_per_project, "visits are counted by project";
        VisitsAreForgotten: past_visits_stay_counted, "past visits stay counted";
        TheForgottenWereNeverNew: past_visits_stay_counted,
            "the first visits of the forgotten stay counted as such";
        TheForgottenAreCountedAsOne: the_forgotten_stay_counted_apart,
            "the forgotten stay counted as different people";
        TheForgottenAreCountedByDay: the_forgotten_stay_counted_apart,
            "the forgotten stay the same person on every day";
        TheVisitIsASecondStep: a_first_visit_that_was_dropped_is_counted_once,
            "the visit is recorded in the atomic step";
        TheVisitOfANewDayIsASecondStep: a_dropped_visit_of_a_new_day_is_counted_once,
            "a known visitor's visit is recorded in the atomic step";
        TheDayIsDecidedBefore: two_visits_of_a_day_meet,
            "whether it is the first visit of a day is decided in the atomic step";
    }
    sealed {
        WhatCannotBeOpenedIsNoSecret: secrets_open_under_their_own_key_only,
            "what cannot be opened is StoreError::Sealing";
        ResealingDoesNothing: resealing_moves_every_secret_to_the_first_key, "reseal seals everything anew";
        ResealingEndsEarly: resealing_moves_every_secret_to_the_first_key, "reseal seals every secret anew";
        ResealingCountsNothing: resealing_moves_every_secret_to_the_first_key,
            "reseal counts what it has sealed anew";
        ResealingMakesNewVersions: resealing_moves_every_secret_to_the_first_key, "reseal keeps versions";
        ResealingForgetsNames: resealing_keeps_the_names_of_the_forgotten,
            "reseal seals the key of the forgotten names anew";
        ResealingStopsAtAnError: resealing_leaves_what_it_cannot_open,
            "what cannot be opened keeps nothing else from being sealed anew";
        ResealingSwallowsErrors: resealing_leaves_what_it_cannot_open, "reseal reports what cannot be opened";
        RemovingNeedsTheKey: resealing_leaves_what_it_cannot_open,
            "a secret that cannot be opened can be removed";
        ABotIsShownWithItsSecret: resealing_leaves_what_it_cannot_open, "bot opens no secret";
        BotsAreListedWithTheirSecrets: resealing_leaves_what_it_cannot_open, "bots opens no secret";
        TheSealingKeyIsASecondStep: a_dropped_resealing_goes_on, "a secret is written with its key's id";
        ResealingUndoesARegeneration: resealing_undoes_no_regeneration, "reseal undoes no change of a secret";
        // Two processes.
        SecretsAreCachedByHandle: every_process_sees_a_changed_secret,
            "current_secret finds the new state in every process";
        VersionsAreCachedByHandle: every_process_sees_a_changed_secret,
            "provision refuses older versions in every process";
        FreeTiersAreCachedByHandle: every_process_sees_the_same_subscribers,
            "every process grants the current free tier";
        SubscribersAreCachedByHandle: every_process_sees_the_same_subscribers,
            "every process finds the subscribers as they are";
        NameKeysAreOfAHandle: every_process_sees_the_same_subscribers,
            "every process knows the forgotten names";
        ErasuresAreOfAHandle: every_process_sees_the_same_subscribers, "every process knows every erasure";
        ProjectsAreCachedByHandle: every_process_sees_a_changed_secret, "every process finds every project";
        AShownProjectIsCached: every_process_shows_the_same_dashboard, "project answers what is there now";
        ListsOfProjectsAreCached: every_process_shows_the_same_dashboard, "projects lists what is there now";
        AShownBotIsCached: every_process_shows_the_same_dashboard, "bot answers what is there now";
        ListsOfBotsAreCached: every_process_shows_the_same_dashboard, "bots lists what is there now";
        ListsOfSubscribersAreCached: every_process_shows_the_same_dashboard, "subscribers lists who is there";
        CountsOfSubscribersAreCached: every_process_shows_the_same_dashboard, "subscriber_count counts anew";
        FoundAddressesAreCached: every_process_shows_the_same_dashboard, "subscribers_by_email looks anew";
        SearchesAreCached: every_process_shows_the_same_dashboard, "search looks anew";
        ActivityIsCached: every_process_shows_the_same_dashboard, "activity counts anew";
        ActiveSubscribersAreCached: every_process_shows_the_same_dashboard, "active_subscribers counts anew";
    }
    threads {
        TheVersionIsComparedUnderAnotherLock: a_changed_secret_ends_the_visits_of_other_threads,
            "the version is compared in the atomic step, on every thread";
        ErasuresAreLookedForUnderAnotherLock: an_erasure_ends_the_visits_of_other_threads,
            "erasures are looked for in the atomic step, on every thread";
        NamesAreLookedForUnderAnotherLock: first_visits_of_other_threads_make_one_of_each,
            "names are looked for in the atomic step, on every thread";
    }
}
