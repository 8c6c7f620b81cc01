#include "store/sql_store.hpp"

#include <chrono>

namespace storysign::store {
namespace {

Time time_of(const Value& value) {
  return Time(
      std::chrono::duration_cast<Time::duration>(std::chrono::microseconds(whole_of(value))));
}

std::optional<std::string> optional_text(const Value& value) {
  if (is_null(value)) return std::nullopt;
  return text_of(value);
}

}  // namespace

std::int64_t micros(Time time) noexcept {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

Account account_of(const Row& row) {
  return {.id = text_of(row.at(0)),
          .name = text_of(row.at(1)),
          .display_name = text_of(row.at(2)),
          .role = parse_role(text_of(row.at(3))).value_or(Role::kLearner),
          .password_hash = optional_text(row.at(4)),
          .created = time_of(row.at(5)),
          .disabled = whole_of(row.at(6)) != 0};
}

Login login_of(const Row& row) {
  return {.token_hash = text_of(row.at(0)),
          .account_id = text_of(row.at(1)),
          .created = time_of(row.at(2)),
          .expires = time_of(row.at(3)),
          .last_seen = time_of(row.at(4))};
}

AuditLine audit_line_of(const Row& row) {
  return {.time = time_of(row.at(0)),
          .actor = text_of(row.at(1)),
          .action = text_of(row.at(2)),
          .subject = text_of(row.at(3)),
          .address = text_of(row.at(4)),
          .detail = text_of(row.at(5))};
}

LearningSession session_of(const Row& row) {
  LearningSession out;
  out.id = text_of(row.at(0));
  out.account_id = optional_text(row.at(1));
  out.node = text_of(row.at(2));
  out.started = time_of(row.at(3));
  out.last_seen = time_of(row.at(4));
  if (!is_null(row.at(5))) out.ended = time_of(row.at(5));
  if (!is_null(row.at(6))) out.close_code = static_cast<int>(whole_of(row.at(6)));
  out.state = text_of(row.at(7));
  out.epoch = whole_of(row.at(8));
  return out;
}

QualityChange quality_change_of(const Row& row) {
  return {.session_id = text_of(row.at(0)),
          .number = whole_of(row.at(1)),
          .epoch = whole_of(row.at(2)),
          .time = time_of(row.at(3)),
          .profile = text_of(row.at(4)),
          .reason = text_of(row.at(5))};
}

Attempt attempt_of(const Row& row) {
  return {.id = text_of(row.at(0)),
          .session_id = optional_text(row.at(1)),
          .account_id = text_of(row.at(2)),
          .time = time_of(row.at(3)),
          .kind = text_of(row.at(4)),
          .target = text_of(row.at(5)),
          .accepted = whole_of(row.at(6)) != 0,
          .score = real_of(row.at(7)),
          .detail = text_of(row.at(8))};
}

Document document_of(const Row& row) {
  return {.kind = text_of(row.at(0)),
          .id = text_of(row.at(1)),
          .account_id = optional_text(row.at(2)),
          .json = text_of(row.at(3)),
          .updated = time_of(row.at(4))};
}

}  // namespace storysign::store
