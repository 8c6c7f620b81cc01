#pragma once

#include "base/pool.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace storysign::wire {

/// Writes numbers at the end of `out`, low byte first, whatever the machine's own order is.
class LittleEndianWriter {
 public:
  explicit LittleEndianWriter(base::Bytes& out) : out_(&out) {}

  template <std::unsigned_integral T>
  void put(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      out_->push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
  }
  void put_signed(std::int16_t value) { put(static_cast<std::uint16_t>(value)); }

 private:
  base::Bytes* out_;
};

/// Reads them again. Past the end everything is 0, and ok() says so.
class LittleEndianReader {
 public:
  explicit LittleEndianReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  template <std::unsigned_integral T>
  [[nodiscard]] T take() {
    if (bytes_.size() - at_ < sizeof(T)) {
      at_ = bytes_.size();
      ok_ = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value |= static_cast<std::uint64_t>(bytes_[at_ + i]) << (8 * i);
    }
    at_ += sizeof(T);
    return static_cast<T>(value);
  }
  [[nodiscard]] std::int16_t take_signed() {
    return static_cast<std::int16_t>(take<std::uint16_t>());
  }

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace storysign::wire
