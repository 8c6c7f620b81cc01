#pragma once

#include <string>
#include <string_view>

namespace storysign::practice {

/// `text` with every `what`, which is not empty, replaced by `with`.
[[nodiscard]] inline std::string replaced(std::string_view text, std::string_view what,
                                          std::string_view with) {
  std::string out;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what)) {
    out += text.substr(0, at);
    out += with;
    text.remove_prefix(at + what.size());
  }
  out += text;
  return out;
}

}  // namespace storysign::practice
