#include "session/outbox.hpp"

#include <algorithm>
#include <utility>

namespace storysign::session {

bool Outbox::push_text(TextLease text) {
  if (bytes_ + text->size() > max_bytes_) {
    return false;
  }
  bytes_ += text->size();
  texts_.push_back(std::move(text));
  return true;
}

std::uint32_t Outbox::push_answer(pipeline::ResultLease answer) {
  std::uint32_t replaced = 0;
  std::uint32_t unanswered = 0;
  std::uint32_t expired = 0;
  const auto drop = [&](const pipeline::ResultLease& old) {
    ++replaced;
    unanswered += 1 + old->replaced;
    expired += old->expired;
  };
  if (!answer->keep) {
    for (const auto& old : answers_) {
      if (!old->keep) {
        drop(old);
      }
    }
    std::erase_if(answers_, [](const pipeline::ResultLease& old) { return !old->keep; });
  }
  while (answers_.size() >= max_answers_) {
    drop(answers_.front());
    answers_.pop_front();
  }
  answer->replaced += unanswered;
  answer->expired += expired;
  answers_.push_back(std::move(answer));
  return replaced;
}

TextLease Outbox::pop_text() {
  TextLease text = std::move(texts_.front());
  texts_.pop_front();
  bytes_ -= text->size();
  return text;
}

pipeline::ResultLease Outbox::pop_answer() {
  pipeline::ResultLease answer = std::move(answers_.front());
  answers_.pop_front();
  return answer;
}

}  // namespace storysign::session
