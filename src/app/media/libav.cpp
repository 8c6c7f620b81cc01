#include "app/media/libav.hpp"

#include <array>

extern "C" {
#include <libavutil/error.h>
#include <libavutil/log.h>
}

namespace storysign::app {

std::string libav_error(int code) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  if (av_strerror(code, text.data(), text.size()) < 0) {
    return "error " + std::to_string(code);
  }
  return text.data();
}

void silence_libav() noexcept {
  av_log_set_level(AV_LOG_QUIET);
}

}  // namespace storysign::app
