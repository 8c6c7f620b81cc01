#include "config/yaml_file.hpp"

#include "config/suggest.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>

namespace storysign::config {
namespace {

/// The line of a node, from 1; yaml-cpp leaves it out for some empty ones.
int line_of(const YAML::Node& node, int otherwise) {
  return node.Mark().line >= 0 ? node.Mark().line + 1 : otherwise;
}

/// Walks one file. Lives for one call of read_yaml().
class Reader {
 public:
  explicit Reader(std::string_view name) : name_(name) {}

  void read(std::string_view text);
  [[nodiscard]] FileContent take() { return std::move(content_); }

 private:
  template <class... Args>
  void error(int line, fmt::format_string<Args...> format, Args&&... args) {
    content_.errors.push_back(
        {base::ErrorCode::kInvalidInput,
         fmt::format("{}:{}: {}", name_, line,
                     as_sentence(fmt::format(format, std::forward<Args>(args)...)))});
  }

  bool check_bytes(std::string_view text);
  void read_top(const YAML::Node& top);
  void read_section(std::string_view section, const YAML::Node& node, int line);
  void read_key(const Key& key, const YAML::Node& node, int line);
  bool read_value(const Key& key, const YAML::Node& node, int line);
  std::optional<std::string> read_name(const YAML::Node& node, std::string_view where, int line);
  bool first_time(const std::string& name, int line);
  void unknown_at_top(const std::string& name, const YAML::Node& value, int line);

  std::string name_;
  FileContent content_;
  std::map<std::string, int, std::less<>> seen_;  ///< Full name to the line where it stands first.
};

/// yaml-cpp ends a file at byte 4 and takes tabs for spaces in places; both would be misread
/// silently.
bool Reader::check_bytes(std::string_view text) {
  const std::size_t before = content_.errors.size();
  int line = 1;
  bool indent = true;
  bool tab = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == '\n') {
      ++line;
      indent = true;
      tab = false;
      continue;
    }
    if ((byte < 0x20U && c != '\t' && c != '\r') || byte == 0x7FU) {
      error(line, "there is a control byte (0x{:02x}); save the file as plain UTF-8 text", byte);
      return false;
    }
    if (!indent) continue;
    if (c == '\t') tab = true;
    if (c == ' ' || c == '\t' || c == '\r') continue;
    indent = false;
    if (tab && c != '#') error(line, "the line is indented with a tab; use spaces");
  }
  return content_.errors.size() == before;
}

void Reader::read(std::string_view text) {
  content_.parsed = false;
  if (!check_bytes(text)) return;
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      error(line_of(documents[1], 1),
            "a second YAML document begins; keep one and remove the line ---");
      return;
    }
    content_.parsed = true;
    if (!documents.empty()) read_top(documents.front());
  } catch (const YAML::Exception& failure) {
    // yaml-cpp counts lines and columns from 0, and has none for a few failures.
    const int line = failure.mark.line >= 0 ? failure.mark.line + 1 : 1;
    error(line, "this is not YAML: {} (column {})", failure.msg,
          std::max(failure.mark.column, 0) + 1);
  }
}

std::optional<std::string> Reader::read_name(const YAML::Node& node, std::string_view where,
                                             int line) {
  if (node.IsScalar()) return node.Scalar();
  error(line, "{} has a key that is not a name; write `name: value`", where);
  return std::nullopt;
}

bool Reader::first_time(const std::string& name, int line) {
  const auto [at, is_new] = seen_.emplace(name, line);
  if (!is_new) {
    error(line, "{} stands there a second time, first in line {}; keep one", name, at->second);
  }
  return is_new;
}

void Reader::read_top(const YAML::Node& top) {
  if (top.IsNull()) return;
  if (!top.IsMap()) {
    error(line_of(top, 1),
          "the file must hold sections such as `video:` with keys below, each `name: value`");
    return;
  }
  for (const auto& item : top) {
    const int line = line_of(item.first, 1);
    const auto name = read_name(item.first, "the file", line);
    if (!name || !first_time(*name, line)) continue;
    const Key* const key = find_key(*name);
    if (is_section(*name)) {
      read_section(*name, item.second, line);
    } else if (key != nullptr && key->section.empty()) {
      read_key(*key, item.second, line);
    } else {
      unknown_at_top(*name, item.second, line);
    }
  }
}

void Reader::unknown_at_top(const std::string& name, const YAML::Node& value, int line) {
  const std::string shown = printable(name);
  if (const Key* const key = find_key(name)) {
    error(line, "{} must stand as `{}:` in the section `{}:`, indented below it", shown, key->leaf,
          key->section);
    return;
  }
  if (const std::string_view section = nearest_section(name);
      !section.empty() && (value.IsMap() || value.IsNull())) {
    error(line, "{} is not a section; did you mean {}?", shown, section);
    return;
  }
  const std::string_view near = nearest_key(name);
  if (near.empty()) {
    error(line, "{} is not a setting; `storysign config defaults` lists all", shown);
  } else {
    const bool indent = near.ends_with("." + name);
    error(line, "{} is not a setting; did you mean {}{}?", shown, near,
          indent ? ", indented below its section" : "");
  }
}

void Reader::read_section(std::string_view section, const YAML::Node& node, int line) {
  if (node.IsNull()) return;
  if (!node.IsMap()) {
    error(line, "{} is a section; put its keys below it, indented, each as `name: value`", section);
    return;
  }
  for (const auto& item : node) {
    const int key_line = line_of(item.first, line);
    const auto leaf = read_name(item.first, section, key_line);
    if (!leaf) continue;
    const std::string name = fmt::format("{}.{}", section, *leaf);
    if (!first_time(name, key_line)) continue;
    if (const Key* const key = find_key(name)) {
      read_key(*key, item.second, key_line);
      continue;
    }
    const std::string_view near = nearest_key(name);
    if (near.empty()) {
      error(key_line, "{} is not a setting; `storysign config defaults` lists all",
            printable(name));
    } else {
      error(key_line, "{} is not a setting; did you mean {}?", printable(name), near);
    }
  }
}

void Reader::read_key(const Key& key, const YAML::Node& node, int line) {
  if (!read_value(key, node, line)) content_.refused.push_back(&key);
}

bool Reader::read_value(const Key& key, const YAML::Node& node, int line) {
  const int value_line = node.IsScalar() ? line_of(node, line) : line;
  if (!node.IsScalar()) {
    const std::string_view what = node.IsNull() ? "nothing" : node.IsMap() ? "a map" : "a list";
    error(line, "{} is {}, but must be {}", key.name, what, accepted(key));
    return false;
  }
  // yaml-cpp marks plain scalars with "?" and quoted or block ones with "!"; all else is an
  // explicit tag.
  if (node.Tag() != "?" && node.Tag() != "!") {
    error(value_line, "{} has the YAML tag {}; write the value without a tag", key.name,
          printable(node.Tag()));
    return false;
  }
  const Notation notation = node.Tag() == "!" ? Notation::kYamlQuoted : Notation::kYamlPlain;
  base::Result<Value> value = parse(key, node.Scalar(), notation);
  if (!value) {
    error(value_line, "{} {}", key.name, value.error().message);
    return false;
  }
  content_.entries.push_back({&key, *std::move(value), value_line});
  return true;
}

}  // namespace

FileContent read_yaml(std::string_view text, std::string_view name) {
  Reader reader(name);
  reader.read(text);
  return reader.take();
}

}  // namespace storysign::config
