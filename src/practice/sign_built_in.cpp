#include "practice/embedded.hpp"
#include "practice/sign.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace storysign::practice {

base::Result<SignLibrary> built_in_signs() {
  const auto document = nlohmann::json::parse(embedded_signs(), nullptr, false);
  if (!document.is_object() || !document.contains("signs") || !document["signs"].is_array()) {
    return base::fail(base::ErrorCode::kInternal,
                      "data/signs.json, with which this program was built, is no list of signs");
  }
  SignLibrary out;
  for (const auto& entry : document["signs"]) {
    auto sign = sign_from_json(entry);
    if (!sign) {
      return base::fail(base::ErrorCode::kInternal,
                        fmt::format("data/signs.json, with which this program was built: {}",
                                    sign.error().message));
    }
    out.add(std::move(*sign));
  }
  return out;
}

}  // namespace storysign::practice
