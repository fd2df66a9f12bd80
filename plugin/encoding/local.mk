libbyobox_a_SOURCES += \
	plugin/encoding/address.c plugin/encoding/address.h \
	plugin/encoding/country.c plugin/encoding/country.h \
	plugin/encoding/carry.c plugin/encoding/carry.h \
	plugin/encoding/charset.c plugin/encoding/charset.h \
	plugin/encoding/charset_table.c plugin/encoding/charset_table.h \
	plugin/encoding/encode.c plugin/encoding/encode.h \
	plugin/encoding/gsm0338.c \
	plugin/encoding/iconv_charset.c \
	plugin/encoding/iso8859.c \
	plugin/encoding/jis0201.c \
	plugin/encoding/national.c plugin/encoding/national.h plugin/encoding/national_tables.h \
	plugin/encoding/packed.c plugin/encoding/packed.h \
	plugin/encoding/octets.c plugin/encoding/octets.h \
	plugin/encoding/stand_in.c plugin/encoding/stand_in.h plugin/encoding/stand_in_table.h \
	plugin/encoding/udh.c \
	plugin/encoding/utf8.c

check_PROGRAMS += tests/unit/test_charset tests/unit/test_encode tests/unit/test_stand_in tests/unit/test_carry_gwlib \
	tests/unit/test_address tests/unit/test_national tests/unit/test_udh
tests_unit_test_charset_SOURCES = tests/unit/test_charset.c
tests_unit_test_charset_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_encode_SOURCES = tests/unit/test_encode.c
tests_unit_test_encode_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_udh_SOURCES = tests/unit/test_udh.c
tests_unit_test_udh_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_stand_in_SOURCES = tests/unit/test_stand_in.c
tests_unit_test_stand_in_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_carry_gwlib_SOURCES = tests/unit/test_carry_gwlib.c
tests_unit_test_carry_gwlib_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_national_SOURCES = tests/unit/test_national.c
tests_unit_test_national_LDADD = $(BYO_TEST_LIBS)
tests_unit_test_address_SOURCES = tests/unit/test_address.c
tests_unit_test_address_LDADD = $(BYO_TEST_LIBS)

EXTRA_DIST += \
	tests/tools/charset_vectors.pl \
	tests/vectors/charset-ascii.tsv \
	tests/vectors/charset-cp1252.tsv \
	tests/vectors/charset-gsm0338.tsv \
	tests/vectors/charset-iso-8859-1.tsv \
	tests/vectors/charset-iso-8859-5.tsv \
	tests/vectors/charset-iso-8859-8.tsv \
	tests/vectors/charset-jis0201-raw.tsv \
	tests/vectors/charset-koi8-r.tsv \
	tests/vectors/national.tsv
