#include "app/landmark_writer.hpp"

#include <cerrno>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>

namespace storysign::app {
namespace {

void append(fmt::memory_buffer& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

void append_number(fmt::memory_buffer& out, float value) {
  if (std::isfinite(value)) {
    fmt::format_to(std::back_inserter(out), "{:.6f}", value);
  } else {
    append(out, "null");
  }
}

void append_string(fmt::memory_buffer& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void append_point(fmt::memory_buffer& out, const vision::Landmark& point) {
  out.push_back('[');
  append_number(out, point.x);
  out.push_back(',');
  append_number(out, point.y);
  out.push_back(',');
  append_number(out, point.z);
  out.push_back(']');
}

void append_point(fmt::memory_buffer& out, const vision::PoseLandmark& point) {
  out.push_back('[');
  append_number(out, point.x);
  out.push_back(',');
  append_number(out, point.y);
  out.push_back(',');
  append_number(out, point.z);
  out.push_back(',');
  append_number(out, point.visibility);
  out.push_back(']');
}

template <class Points>
void append_part(fmt::memory_buffer& out, std::string_view name, const Points* points) {
  append(out, ", \"");
  append(out, name);
  append(out, "\": ");
  if (points == nullptr) {
    append(out, "null");
    return;
  }
  char before = '[';
  for (const auto& point : *points) {
    out.push_back(before);
    append_point(out, point);
    before = ',';
  }
  out.push_back(']');
}

void append_reading(fmt::memory_buffer& out,
                    const std::optional<practice::LetterReading>& reading) {
  if (!reading) {
    append(out, "null");
    return;
  }
  char before = '[';
  for (const practice::LetterGuess& guess : reading->top) {
    fmt::format_to(std::back_inserter(out), "{}[\"{}\",{:.4f}]", before, guess.letter,
                   guess.confidence);
    before = ',';
  }
  out.push_back(']');
}

void append_letters(fmt::memory_buffer& out, const HandLetters& letters) {
  append(out, ", \"letters\": {\"left\": ");
  append_reading(out, letters.left);
  append(out, ", \"right\": ");
  append_reading(out, letters.right);
  out.push_back('}');
}

template <class Part>
const Part* pointer(const std::optional<Part>& part) {
  return part ? &*part : nullptr;
}

const std::array<vision::Landmark, vision::kHandLandmarks>* points_of(
    const std::optional<vision::Hand>& hand) {
  return hand ? &hand->landmarks : nullptr;
}

}  // namespace

void append_record(fmt::memory_buffer& out, const LandmarkRecord& record) {
  const vision::FrameLandmarks& found = *record.landmarks;
  fmt::format_to(std::back_inserter(out), "{{\"frame\": {}, \"t_ms\": {:.3f}", record.frame,
                 static_cast<double>(record.time.count()) / 1000.0);
  if (!record.file.empty()) {
    append(out, ", \"file\": ");
    append_string(out, record.file);
  }
  append(out, found.mode == vision::TrackingMode::kHands ? ", \"mode\": \"hands\""
                                                         : ", \"mode\": \"body\"");
  append_part(out, "pose", pointer(found.pose));
  append_part(out, "left_hand", points_of(found.left_hand));
  append_part(out, "right_hand", points_of(found.right_hand));
  append_part(out, "face", pointer(found.face));
  if (record.letters != nullptr) append_letters(out, *record.letters);
  append(out, "}\n");
}

base::Result<LandmarkWriter> LandmarkWriter::create(const std::filesystem::path& target,
                                                    bool overwrite) {
  auto output = OutputFile::create(target, overwrite);
  if (!output) {
    return tl::unexpected(output.error());
  }
  std::FILE* file = std::fopen(output->writing_path().c_str(), "wb");
  if (file == nullptr) {
    return tl::unexpected(cannot_write(target, errno));
  }
  return LandmarkWriter(std::move(*output), file);
}

base::Result<void> LandmarkWriter::write(const LandmarkRecord& record) {
  buffer_.clear();
  append_record(buffer_, record);
  if (std::fwrite(buffer_.data(), 1, buffer_.size(), file_.get()) != buffer_.size()) {
    return tl::unexpected(cannot_write(target(), errno));
  }
  return {};
}

base::Result<void> LandmarkWriter::finish() {
  // fclose() may be the first to learn that the last block does not fit.
  if (std::fclose(file_.release()) != 0) {
    return tl::unexpected(cannot_write(target(), errno));
  }
  return output_.sync();
}

}  // namespace storysign::app
