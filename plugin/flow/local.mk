libbyobox_a_SOURCES += plugin/flow/statistics.c
libbyobox_a_SOURCES += plugin/flow/common.c plugin/flow/token.c plugin/flow/token.h plugin/flow/flow.c plugin/flow/flow.h plugin/flow/flow_private.h \
	plugin/flow/mt.c plugin/flow/mt_again.c plugin/flow/mt_write.c plugin/flow/mt_private.h plugin/flow/handover.c plugin/flow/report.c plugin/flow/receipt_match.c plugin/flow/receipt_text.c plugin/flow/copies.c plugin/flow/ended.c plugin/flow/ended.h plugin/flow/notice.c plugin/flow/past.c plugin/flow/mo.c plugin/flow/mo_text.c plugin/flow/mo_text.h \
	plugin/flow/inward.c plugin/flow/inward_private.h plugin/flow/inward_limit.c plugin/flow/refused.c plugin/flow/numbers.c plugin/flow/opt_outs.c plugin/flow/rows.c plugin/flow/wants.c plugin/flow/inventory.c plugin/flow/inventory.h \
	plugin/flow/wait.c plugin/flow/left.c plugin/flow/others.c plugin/flow/drain.c plugin/flow/erase.c plugin/flow/doubt.c plugin/flow/order.c plugin/flow/order.h plugin/flow/pace.c plugin/flow/pace.h plugin/flow/refs.c plugin/flow/refs.h \
	plugin/flow/taken.c plugin/flow/taken.h plugin/flow/turn.c plugin/flow/turn.h

check_PROGRAMS += tests/unit/test_pace
tests_unit_test_pace_SOURCES = tests/unit/test_pace.c
tests_unit_test_pace_LDADD = $(BYO_TEST_LIBS)

flow_tests = tests/unit/flow_fixture.c tests/unit/flow_fixture.h tests/unit/flow_suites.c \
	tests/unit/test_flow_mt.c tests/unit/test_flow_write.c tests/unit/test_flow_queue.c tests/unit/test_flow_rate.c tests/unit/test_flow_report.c tests/unit/test_flow_receipt.c tests/unit/test_flow_elsewhere.c tests/unit/flow_receipt.h tests/unit/flow_sent.h tests/unit/test_flow_retry.c tests/unit/test_flow_order.c tests/unit/test_flow_mo.c tests/unit/test_flow_number.c \
	tests/unit/test_flow_inward.c tests/unit/test_flow_inward_limit.c tests/unit/test_flow_fault.c tests/unit/test_flow_left.c tests/unit/test_flow_past.c tests/unit/test_flow_statistics.c
check_PROGRAMS += tests/unit/test_flow tests/unit/test_flow_memory
tests_unit_test_flow_SOURCES = tests/unit/test_flow.c $(flow_tests)
tests_unit_test_flow_memory_SOURCES = tests/unit/test_flow_memory.c $(flow_tests)
tests_unit_test_flow_memory_LDADD = $(BYO_MEMORY_STORE) $(BYO_TEST_LIBS)
tests_unit_test_flow_LDADD = $(BYO_MEMORY_STORE) $(BYO_TEST_LIBS)

check_PROGRAMS += tests/unit/test_refs tests/unit/test_taken tests/unit/test_inventory
tests_unit_test_taken_SOURCES = tests/unit/test_taken.c
tests_unit_test_taken_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_refs_SOURCES = tests/unit/test_refs.c
tests_unit_test_refs_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_inventory_SOURCES = tests/unit/test_inventory.c
tests_unit_test_inventory_LDADD = $(BYO_TEST_LIBS)

check_PROGRAMS += tests/unit/test_turn
tests_unit_test_turn_SOURCES = tests/unit/test_turn.c tests/unit/test_turn.h tests/unit/test_turn_tables.c \
	tests/unit/flow_fixture.c tests/unit/flow_fixture.h
tests_unit_test_turn_LDADD = $(BYO_MEMORY_STORE) $(BYO_TEST_LIBS)
