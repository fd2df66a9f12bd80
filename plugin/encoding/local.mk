libbyobox_a_SOURCES += \
	plugin/encoding/address.c plugin/encoding/address.h \
	plugin/encoding/carry.c plugin/encoding/carry.h \
	plugin/encoding/charset.c plugin/encoding/charset.h \
	plugin/encoding/charset_table.c plugin/encoding/charset_table.h \
	plugin/encoding/encode.c plugin/encoding/encode.h \
	plugin/encoding/gsm0338.c \
	plugin/encoding/iconv_charset.c \
	plugin/encoding/iso8859.c \
	plugin/encoding/jis0201.c \
	plugin/encoding/udh.c \
	plugin/encoding/utf8.c
