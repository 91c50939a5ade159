"""The laws in one table: the tests of them, and the page about them, are made from it."""

from tests.laws import concurrency, deleting, escaping, judging, reading, repairing, round_trip, undoing
from tests.laws.guards_judging import ORDER, PARTITION, READ_WHOLE
from tests.laws.guards_repairing import CONCURRENCY, CONVERGENCE, IDEMPOTENCE, LIMITS, NEVER_REVIVE
from tests.laws.guards_texts import ESCAPING, ROUND_TRIP
from tests.laws.guards_undoing import UNDO
from tests.laws.law import Law

LAWS = (
    Law(
        "Partition",
        "Every recording, session, search record, recording row, program and group gets exactly one verdict: "
        "the first of the table that applies. The counts of a type add up to its population. What is judged "
        "closely, and what is only counted, changes no number.",
        (judging.each_subject_has_one_verdict, judging.what_is_not_judged_closely_is_counted),
        (
            "tests/unit/test_properties.py::test_every_subject_gets_exactly_one_verdict_and_the_counts_sum",
            "tests/unit/test_narrow.py::test_narrowing_first_changes_no_verdict_and_no_count",
            "tests/scenario/test_worlds.py::test_every_verdict_and_show_is_the_one_that_the_world_knows",
        ),
        PARTITION,
    ),
    Law(
        "Idempotence",
        "Once everything that can be repaired is repaired, another repair writes nothing: no row, no search "
        "record, no journal entry, no ledger entry.",
        (repairing.a_second_repair_writes_nothing,),
        (
            "tests/scenario/test_safety.py::test_a_second_repair_writes_nothing",
            "tests/scenario/test_worlds.py::test_a_whole_life_of_checks_and_repairs_keeps_every_law",
        ),
        IDEMPOTENCE,
    ),
    Law(
        "Convergence",
        "Wherever a repair is killed, before or after any call to a store, the next ones end in the state in "
        "which an undisturbed repair ends. The journal tells of every write that happened, the lease becomes "
        "free, and what could not be repaired is looked for until it was.",
        (
            repairing.a_run_that_is_killed_at_any_call_is_completed_by_the_next,
            repairing.a_run_that_is_killed_at_a_record_is_completed_by_the_next,
            repairing.what_no_run_could_repair_is_looked_for_until_one_has,
        ),
        (
            "tests/scenario/test_crashes.py::"
            "test_a_repair_that_is_killed_at_any_call_and_run_again_ends_as_one_that_was_not",
            "tests/scenario/test_crashes.py::test_so_does_one_that_is_killed_at_a_write",
            "tests/scenario/test_undo_interrupted.py::"
            "test_an_undo_that_is_killed_at_any_call_and_run_again_ends_as_one_that_was_not",
            "tests/scenario/test_races.py::test_a_run_that_fails_at_any_write_is_completed_by_the_next",
            "tests/scenario/test_interrupted.py::"
            "test_a_repair_that_was_killed_is_told_once_by_the_next_and_made_good",
            "tests/scenario/test_safety.py::"
            "test_the_window_reaches_back_to_the_last_whole_repair_however_many_runs_failed_since",
        ),
        CONVERGENCE,
    ),
    Law(
        "Order independence",
        "The order in which objects, rows and search records are handed out decides nothing: verdicts, "
        "evidence and reports are the same, byte for byte.",
        (
            judging.what_is_read_in_another_order_is_judged_the_same,
            judging.twins_of_the_same_length_are_told_apart,
            judging.of_several_programs_the_same_one_is_told,
            judging.rows_and_records_in_another_order_make_the_same_report,
        ),
        (
            "tests/unit/test_properties.py::test_the_order_of_what_was_read_decides_nothing",
            "tests/unit/test_report_json.py::test_the_same_report_gives_the_same_bytes",
        ),
        ORDER,
    ),
    Law(
        "Limits",
        "No run makes more repairs of a kind than is plausible, and none creates a program where a lost one "
        "cannot be told from a deleted one: such repairs await approval. An approval covers what was shown, "
        "and nothing else.",
        (
            repairing.more_than_the_limit_awaits_approval_and_nothing_else_is_approved,
            repairing.a_first_repair_creates_nothing_that_was_not_approved,
            repairing.an_index_that_never_held_a_record_of_the_table_is_not_written_to,
            repairing.a_state_table_that_is_older_than_a_report_lets_nothing_be_created,
            repairing.what_a_person_ignores_is_not_repaired,
        ),
        (
            "tests/unit/test_plan.py::test_more_than_the_limit_of_a_class_is_withheld_as_a_class",
            "tests/scenario/test_safety.py::test_approval_covers_what_was_withheld_and_nothing_later",
            "tests/scenario/test_state_guards.py::"
            "test_a_state_table_from_an_old_backup_revives_nothing_until_a_person_accepts_it",
        ),
        LIMITS,
    ),
    Law(
        "No false missing",
        "Nothing is called missing, and nothing is created, because something was not read: a source that "
        "broke off or shrank, a read that failed, a change under way. It is not checked then, and a run that "
        "did not read everything says that it is incomplete.",
        (
            judging.a_source_that_broke_off_makes_nothing_missing,
            reading.an_index_that_ends_too_early_makes_nothing_missing,
            reading.a_source_that_shrank_is_not_believed_at_once,
            reading.a_read_that_fails_leaves_its_subject_not_checked,
            reading.a_twin_of_what_cannot_be_read_is_not_missing_its_program,
            reading.a_program_that_is_made_while_the_run_reads_is_not_missing,
            reading.a_recording_that_ended_moments_ago_is_not_missing_its_program,
        ),
        (
            "tests/unit/test_properties.py::"
            "test_a_source_that_broke_off_makes_nothing_missing_and_nothing_agree",
            "tests/unit/test_properties.py::"
            "test_events_that_could_not_be_read_make_nothing_missing_and_nothing_agree",
            "tests/scenario/test_partial_reads.py::"
            "test_over_worlds_a_single_failure_makes_no_false_verdict_and_little_unknown",
            "tests/faults/test_fault_table.py::test_a_fault_ends_as_the_page_says_and_breaks_no_law",
        ),
        READ_WHOLE,
    ),
    Law(
        "Never revive",
        "What an owner deleted is not made again, as far as any store remembers it: the ledger, a copy, a "
        "search record or a recording row. The same holds for its twins, for its search record, and for a "
        "row that goes while it is repaired.",
        (
            deleting.what_the_job_made_and_its_owner_deleted_stays_deleted,
            deleting.what_a_run_saw_once_and_its_owner_deleted_stays_deleted,
            deleting.what_a_search_record_tells_of_stays_deleted_when_the_record_goes,
            deleting.what_a_recording_row_tells_of_stays_deleted,
            deleting.a_twin_of_what_was_deleted_gets_no_program,
            deleting.a_twin_of_what_was_deleted_and_has_expired_gets_no_program,
            deleting.a_record_whose_row_goes_while_it_is_written_goes_as_well,
            concurrency.a_row_that_goes_before_it_is_completed_stays_away,
        ),
        (
            "tests/scenario/test_deletions_remembered.py::"
            "test_a_deletion_that_one_trace_remembers_is_remembered_without_it",
            "tests/scenario/test_safety.py::test_what_an_owner_deletes_stays_deleted",
            "tests/unit/test_properties.py::test_every_window_edge_leaves_what_was_retired_retired",
        ),
        NEVER_REVIVE,
    ),
    Law(
        "Escaping",
        "A text that anybody may have written stays a text wherever it is shown: in a page, a mail and its "
        "headers, Slack, Teams, a spreadsheet, a terminal, and in a command that is copied.",
        (
            escaping.no_title_becomes_markup_of_the_page,
            escaping.no_title_ends_the_script_that_holds_the_data,
            escaping.no_title_becomes_markup_of_the_mail,
            escaping.no_text_begins_a_header_of_its_own,
            escaping.no_title_marks_or_calls_in_slack,
            escaping.no_title_marks_or_calls_in_teams,
            escaping.no_cell_is_a_formula,
            escaping.nothing_steers_the_terminal,
            escaping.a_text_that_runs_to_the_left_moves_nothing_beside_it,
            escaping.a_command_that_is_copied_does_what_it_says,
            escaping.what_is_no_web_address_is_no_link,
        ),
        (
            "tests/unit/test_render_html.py::test_no_title_changes_the_tree",
            "tests/unit/test_render_mail.py::test_no_title_breaks_the_mail",
            "tests/unit/test_render_slack.py::test_no_title_changes_the_message",
            "tests/unit/test_render_teams.py::test_no_title_changes_the_card",
            "tests/unit/test_csv.py::test_hostile_titles_are_read_back_from_their_own_cell",
        ),
        ESCAPING,
    ),
    Law(
        "Round trip",
        "What is stored is read back as it was written: reports, recordings in CSV, journal, ledger, "
        "decisions, and what runs remember of events files.",
        (
            round_trip.a_report_is_read_back_as_it_was_written,
            round_trip.recordings_are_read_back_from_their_csv,
            round_trip.the_journal_is_read_back_type_by_type,
            round_trip.the_ledger_is_read_back_whole,
            round_trip.decisions_are_read_back_whole,
            round_trip.facts_are_read_back_while_the_listing_vouches_for_them,
        ),
        (
            "tests/unit/test_report_json.py::test_a_report_survives_its_json",
            "tests/unit/test_csv.py::test_recordings_come_back_as_they_were_written",
            "tests/unit/test_facts.py::test_what_is_written_of_events_is_read",
            "tests/contract/test_state_port.py::test_a_journal_entry_comes_back_whole",
        ),
        ROUND_TRIP,
    ),
    Law(
        "Concurrency",
        "Whatever happens at the same moment, a recording gets one program of ours at most; where the live "
        "processor makes one as well, ours is refused, or the same run reports both; what an owner changed "
        "stands; and a run that lost its lease writes nothing.",
        (
            concurrency.what_another_run_entered_is_not_made_again,
            concurrency.what_stands_under_the_new_program_s_key_is_not_overwritten,
            concurrency.of_two_repairs_at_once_one_runs,
            concurrency.a_run_whose_lease_another_took_writes_no_row,
            concurrency.a_run_whose_lease_ran_out_writes_no_record,
            concurrency.a_program_that_the_processor_makes_before_ours_is_the_only_one,
            concurrency.a_program_that_the_processor_makes_beside_ours_is_reported_by_the_same_run,
            concurrency.what_an_owner_changed_meanwhile_stands,
            concurrency.a_record_says_what_its_row_says_last,
            concurrency.a_count_that_others_raise_meanwhile_is_raised_from_what_it_is_then,
        ),
        (
            "tests/scenario/test_safety.py::test_two_repairs_at_once_make_one_program",
            "tests/scenario/test_doubles.py::"
            "test_a_program_that_the_processor_makes_at_any_moment_is_no_silent_double",
            "tests/contract/test_writer_port.py::test_a_run_that_lost_its_lease_writes_nothing",
        ),
        CONCURRENCY,
    ),
    Law(
        "Undo",
        "A repair that is undone at once leaves table and index as they were, but for the time of the undo. "
        "What somebody changed since stays, and what was undone is not repaired again unless it is approved.",
        (
            undoing.a_repair_undone_at_once_leaves_all_as_before,
            undoing.what_somebody_changed_since_stays,
            undoing.what_was_undone_is_not_repaired_again_unless_approved,
        ),
        (
            "tests/scenario/test_undo.py::test_a_bad_night_undone_at_once_leaves_table_and_index_as_before",
            "tests/scenario/test_undo_changed.py::"
            "test_what_an_owner_changed_since_is_left_and_told_and_all_else_is_taken_back",
            "tests/scenario/test_undo_interrupted.py::"
            "test_an_undo_that_is_killed_at_any_call_and_run_again_ends_as_one_that_was_not",
        ),
        UNDO,
    ),
)
