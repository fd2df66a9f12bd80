libbyobox_a_SOURCES += plugin/compliance/compliance_json.c plugin/compliance/compliance_json.h
