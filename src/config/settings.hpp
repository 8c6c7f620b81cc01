#pragma once

#include <cstdint>
#include <string>

// Everything in this file is made from settings_table.inc; look there for what a setting means.
namespace storysign::config {

// Choices.
#define SETTINGS_ENUM(type) enum class type : std::uint8_t {
#define SETTINGS_VALUE(name, text) name,
#define SETTINGS_ENUM_END() \
  }                         \
  ;
#include "config/settings_table.inc"

// One struct for each section.
#define SETTINGS_SECTION(section, type, doc) struct type {
#define SETTINGS_BOOLEAN(section, key, preset, readers, doc) bool key = preset;
#define SETTINGS_INTEGER(section, key, preset, min, max, unit, readers, doc) int key = preset;
#define SETTINGS_REAL(section, key, preset, min, max, unit, readers, doc) double key = preset;
#define SETTINGS_CHOICE(section, key, type, preset, readers, doc) type key = type::preset;
#define SETTINGS_TEXT(section, key, preset, form, readers, doc) std::string key = preset;
#define SETTINGS_SECTION_END() \
  }                            \
  ;
#include "config/settings_table.inc"

/// What the program is told by its user; a fresh one holds the defaults. A plain value: copy it
/// freely.
struct Settings {
#define SETTINGS_SECTION(section, type, doc) type section;
#define SETTINGS_TOP_CHOICE(key, type, preset, readers, doc) type key = type::preset;
#include "config/settings_table.inc"
};

}  // namespace storysign::config
