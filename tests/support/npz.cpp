#include "support/npz.hpp"

#include <zlib.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <string_view>
#include <utility>

namespace storysign::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

template <class T>
T load(const Bytes& bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

base::Result<Bytes> inflate_raw(const std::uint8_t* from, std::size_t size, std::size_t unpacked) {
  Bytes out(unpacked);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    return base::fail(base::ErrorCode::kInternal, "zlib does not start");
  }
  stream.next_in = const_cast<std::uint8_t*>(from);
  stream.avail_in = static_cast<uInt>(size);
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  if (status != Z_STREAM_END) {
    return base::fail(base::ErrorCode::kInvalidInput, "an entry of the archive does not unpack");
  }
  return out;
}

template <class T>
void append(const Bytes& bytes, std::size_t at, std::size_t count, std::vector<double>& values) {
  values.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(static_cast<double>(load<T>(bytes, at + i * sizeof(T))));
  }
}

/// IEEE 754 half precision, as float16 arrays hold it.
double half_to_double(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1F;
  const int mantissa = bits & 0x3FF;
  const double sign = (bits >> 15) != 0 ? -1.0 : 1.0;
  if (exponent == 0x1F) {
    return mantissa != 0 ? std::numeric_limits<double>::quiet_NaN()
                         : sign * std::numeric_limits<double>::infinity();
  }
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(mantissa + 1024, exponent - 25);
}

void append_halves(const Bytes& bytes, std::size_t at, std::size_t count,
                   std::vector<double>& values) {
  values.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    values.push_back(half_to_double(load<std::uint16_t>(bytes, at + 2 * i)));
  }
}

/// The text between `key` and `end` in the dictionary of a .npy header.
std::string field(const std::string& header, const std::string& key, char end) {
  const std::size_t from = header.find(key) + key.size();
  return header.substr(from, header.find(end, from) - from);
}

bool parse_npy(const Bytes& bytes, NpyArray& array) {
  constexpr std::size_t kVersion1Header = 10;
  const std::size_t header_size = load<std::uint16_t>(bytes, 8);
  const std::string header(reinterpret_cast<const char*>(bytes.data()) + kVersion1Header,
                           header_size);
  const std::string type = field(header, "'descr': '", '\'');
  std::size_t count = 1;
  std::string shape = field(header, "'shape': (", ')');
  for (std::size_t at = 0; at < shape.size();) {
    std::size_t used = 0;
    array.shape.push_back(std::stoul(shape.substr(at), &used));
    count *= array.shape.back();
    at += used;
    while (at < shape.size() && (shape[at] == ',' || shape[at] == ' ')) {
      ++at;
    }
  }
  const std::size_t data = kVersion1Header + header_size;
  if (type == "<f4") {
    append<float>(bytes, data, count, array.values);
  } else if (type == "<f8") {
    append<double>(bytes, data, count, array.values);
  } else if (type == "<i8") {
    append<std::int64_t>(bytes, data, count, array.values);
  } else if (type == "|u1") {
    append<std::uint8_t>(bytes, data, count, array.values);
  } else if (type == "|i1") {
    append<std::int8_t>(bytes, data, count, array.values);
  } else if (type == "<f2") {
    append_halves(bytes, data, count, array.values);
  } else if (type.starts_with("<U")) {
    // Text of fixed width: one number for each character, 0 where it ends earlier.
    array.shape.push_back(std::stoul(type.substr(2)));
    append<std::uint32_t>(bytes, data, count * array.shape.back(), array.values);
  } else {
    return false;
  }
  return true;
}

}  // namespace

base::Result<Npz> read_npz(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const Bytes zip{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (zip.size() < 22) {
    return base::fail(base::ErrorCode::kNotFound, "no .npz file at " + path.string());
  }
  // The end record has no comment in files that numpy writes.
  const std::size_t end = zip.size() - 22;
  const std::size_t entries = load<std::uint16_t>(zip, end + 10);
  std::size_t at = load<std::uint32_t>(zip, end + 16);
  Npz arrays;
  for (std::size_t i = 0; i < entries; ++i) {
    const auto method = load<std::uint16_t>(zip, at + 10);
    const std::size_t packed = load<std::uint32_t>(zip, at + 20);
    const std::size_t unpacked = load<std::uint32_t>(zip, at + 24);
    const std::size_t name_size = load<std::uint16_t>(zip, at + 28);
    const std::size_t skip =
        std::size_t{load<std::uint16_t>(zip, at + 30)} + load<std::uint16_t>(zip, at + 32);
    const std::size_t local = load<std::uint32_t>(zip, at + 42);
    std::string name(reinterpret_cast<const char*>(zip.data()) + at + 46, name_size);
    at += 46 + name_size + skip;
    const std::size_t data =
        local + 30 + load<std::uint16_t>(zip, local + 26) + load<std::uint16_t>(zip, local + 28);
    auto bytes = method == 0
                     ? base::Result<Bytes>(Bytes(zip.data() + data, zip.data() + data + packed))
                     : inflate_raw(zip.data() + data, packed, unpacked);
    if (!bytes) {
      return tl::unexpected(std::move(bytes).error());
    }
    NpyArray array;
    if (parse_npy(*bytes, array)) {
      arrays.emplace(name.substr(0, name.rfind(".npy")), std::move(array));
    }
  }
  return arrays;
}

}  // namespace storysign::test
