#include "app/practice/practice_routes.hpp"
#include "app/store/store_routes.hpp"
#include "auth/roles.hpp"
#include "base/uuid.hpp"
#include "practice/glossing.hpp"
#include "wire/timestamp.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace storysign::app {
namespace {

namespace http = boost::beast::http;
using base::ErrorCode;
using nlohmann::json;

constexpr std::string_view kKind = "lesson";
constexpr int kOk = static_cast<int>(http::status::ok);
constexpr int kCreated = static_cast<int>(http::status::created);
constexpr int kNoContent = static_cast<int>(http::status::no_content);
constexpr int kBadRequest = static_cast<int>(http::status::bad_request);

tl::unexpected<base::Error> refuse(std::string sentence) {
  return base::fail(ErrorCode::kInvalidInput, std::move(sentence));
}

tl::unexpected<base::Error> no_lesson(const std::string& id) {
  return base::fail(ErrorCode::kNotFound, fmt::format("There is no lesson {}.", id));
}

/// The characters of UTF-8 text, without those that control a terminal or a page; a failure counts
/// as too many.
bool is_text(const json& value, std::size_t shortest, std::size_t longest) {
  constexpr unsigned char kFirstPrintable = 0x20;
  constexpr unsigned char kDelete = 0x7F;
  constexpr unsigned char kContinuationMask = 0xC0;
  constexpr unsigned char kContinuation = 0x80;
  if (!value.is_string()) return false;
  std::size_t count = 0;
  for (const char c : value.get_ref<const std::string&>()) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < kFirstPrintable && c != '\n') || byte == kDelete) return false;
    if ((byte & kContinuationMask) != kContinuation) ++count;
  }
  return count >= shortest && count <= longest;
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \n") == std::string::npos;
}

base::Result<practice::Item> read_item(const json& given, std::size_t number,
                                       const practice::SignLibrary& signs) {
  const std::string where = fmt::format("items[{}]", number);
  if (!given.is_object() || given.size() != 2 || !given.contains("kind") ||
      !given.contains("target") || !given["kind"].is_string() || !given["target"].is_string()) {
    return refuse(fmt::format("The field {} must be {{\"kind\", \"target\"}}.", where));
  }
  const auto kind = given["kind"].get<std::string>();
  const auto target = given["target"].get<std::string>();
  if (kind == "letters") {
    if (target.empty() || target.size() > practice::kLongestWord ||
        target != practice::letters_of(target)) {
      return refuse(fmt::format("The field {}.target must be 1 to {} capitals A-Z.", where,
                                practice::kLongestWord));
    }
    return practice::Item{.kind = practice::ItemKind::kLetters, .target = target};
  }
  if (kind != "sign") {
    return refuse(fmt::format("The field {}.kind must be sign or letters.", where));
  }
  if (target != practice::gloss_of(target) || signs.find(target) == nullptr) {
    return refuse(fmt::format(
        "The field {}.target must be a sign of /api/signs; record it first, or spell it with "
        "letters.",
        where));
  }
  return practice::Item{.kind = practice::ItemKind::kSign, .target = target};
}

json stored(const Lesson& lesson) {
  json items = json::array();
  for (const practice::Item& item : lesson.items) {
    items.push_back({{"kind", practice::item_kind_name(item.kind)}, {"target", item.target}});
  }
  return {{"title", lesson.title}, {"note", lesson.note}, {"items", std::move(items)}};
}

json shown(store::Store& store, const store::Document& document) {
  json out = json::parse(document.json, nullptr, false);
  if (!out.is_object()) out = stored({});
  out["id"] = document.id;
  out["by"] = display_name(store, document.account_id);
  out["updated"] = wire::timestamp(document.updated);
  return out;
}

using Answer = std::function<base::Result<server::ApiResponse>(store::Store&)>;

/// Asks the store. What changes something is done whole: between what is read and what is written
/// comes nobody.
void ask(store::Queue& queue, server::Reply given, Answer work) {
  const auto reply = std::make_shared<server::Reply>(std::move(given));
  const bool taken = queue.ask([work = std::move(work), reply](store::Store& store) {
    server::ApiResponse answer;
    const auto done = store.atomically([&]() -> base::Result<void> {
      auto made = work(store);
      if (!made) return tl::unexpected(made.error());
      answer = std::move(*made);
      return {};
    });
    (*reply)(done ? std::move(answer) : store_error(done.error()));
  });
  if (!taken) (*reply)(store_busy());
}

base::Result<store::Document> lesson_of(store::Store& store, const std::string& id) {
  const auto found = store.find_document(kKind, id);
  if (!found) return tl::unexpected(found.error());
  if (!*found) return no_lesson(id);
  return **found;
}

base::Result<server::ApiResponse> list(store::Store& store) {
  const auto found = store.documents(kKind);
  if (!found) return tl::unexpected(found.error());
  std::vector<const store::Document*> sorted;
  sorted.reserve(found->size());
  for (const store::Document& document : *found) sorted.push_back(&document);
  // The newest first: that is what a class is at.
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    return a->updated != b->updated ? a->updated > b->updated : a->id < b->id;
  });
  json lessons = json::array();
  for (const store::Document* document : sorted) lessons.push_back(shown(store, *document));
  return server::ApiResponse{
      .status = kOk, .body = {{"lessons", std::move(lessons)}}, .headers = {}};
}

/// Who saves a lesson has it from then on; the guest's belong to the server.
store::Document document_of(const std::string& id, const Lesson& lesson, const auth::Identity& who,
                            store::Time now) {
  store::Document out{.kind = std::string(kKind),
                      .id = id,
                      .account_id = std::nullopt,
                      .json = stored(lesson).dump(),
                      .updated = std::chrono::time_point_cast<std::chrono::microseconds>(now)};
  if (!who.is_guest) out.account_id = who.id;
  return out;
}

base::Result<server::ApiResponse> keep(store::Store& store, const store::Document& document,
                                       int status) {
  if (const auto put = store.put_document(document); !put) return tl::unexpected(put.error());
  return server::ApiResponse{.status = status, .body = shown(store, document), .headers = {}};
}

void post(const SignShelf& shelf, store::Queue& queue, const server::ApiRequest& request,
          server::Reply reply) {
  const auto lesson = request.body.contains("updated")
                          ? refuse("The field updated is for changing a lesson.")
                          : read_lesson(request.body, *shelf.snapshot());
  if (!lesson) {
    reply.error(kBadRequest, lesson.error().message);
    return;
  }
  ask(queue, std::move(reply),
      [document = document_of(base::random_uuid(), *lesson, *request.who,
                              std::chrono::system_clock::now())](
          store::Store& store) -> base::Result<server::ApiResponse> {
        const auto known = store.document_list(kKind);
        if (!known) return tl::unexpected(known.error());
        if (known->size() >= kMostLessons) {
          return refuse(
              fmt::format("There are {} lessons already; delete one first.", kMostLessons));
        }
        return keep(store, document, kCreated);
      });
}

void put(const SignShelf& shelf, store::Queue& queue, const server::ApiRequest& request,
         server::Reply reply) {
  const auto lesson = read_lesson(request.body, *shelf.snapshot());
  const auto seen = request.body.find("updated");
  if (!lesson || (seen != request.body.end() && !seen->is_string())) {
    reply.error(kBadRequest, lesson ? "The field updated must be the text that GET gave."
                                    : lesson.error().message);
    return;
  }
  ask(queue, std::move(reply),
      [lesson = *lesson, who = *request.who, id = request.name,
       seen = seen == request.body.end() ? std::string() : seen->get<std::string>()](
          store::Store& store) -> base::Result<server::ApiResponse> {
        const auto before = lesson_of(store, id);
        if (!before) return tl::unexpected(before.error());
        if (!seen.empty() && seen != wire::timestamp(before->updated)) {
          return refuse("Somebody else has changed this lesson meanwhile; load it again.");
        }
        // Later than what it replaces, whatever the clocks of several servers say.
        const store::Time now = std::max(std::chrono::system_clock::now(),
                                         before->updated + std::chrono::milliseconds(1));
        return keep(store, document_of(id, lesson, who, now), kOk);
      });
}

}  // namespace

base::Result<Lesson> read_lesson(const json& body, const practice::SignLibrary& signs) {
  if (auto unknown = server::unknown_field(body, {"title", "note", "items", "updated"})) {
    return refuse(std::move(*unknown));
  }
  Lesson out;
  if (!body.contains("title") || !is_text(body["title"], 1, kLongestTitle) ||
      is_blank(body["title"].get_ref<const std::string&>()) ||
      body["title"].get_ref<const std::string&>().find('\n') != std::string::npos) {
    return refuse(
        fmt::format("The field title must be a line of 1 to {} characters.", kLongestTitle));
  }
  out.title = body["title"].get<std::string>();
  if (const auto note = body.find("note"); note != body.end() && !note->is_null()) {
    if (!is_text(*note, 0, kLongestNote)) {
      return refuse(
          fmt::format("The field note must be a text of at most {} characters.", kLongestNote));
    }
    out.note = note->get<std::string>();
  }
  const auto items = body.find("items");
  if (items == body.end() || !items->is_array() || items->empty() ||
      items->size() > kMostLessonItems) {
    return refuse(
        fmt::format("The field items must be a list of 1 to {} items.", kMostLessonItems));
  }
  for (std::size_t i = 0; i < items->size(); ++i) {
    auto item = read_item((*items)[i], i, signs);
    if (!item) return tl::unexpected(item.error());
    out.items.push_back(std::move(*item));
  }
  return out;
}

void add_lesson_routes(server::AsyncRoutes& api, const SignShelf& shelf, store::Queue& queue) {
  api.add(http::verb::get, "/api/lessons", auth::Right::kPractise,
          [&queue](const server::ApiRequest& /*request*/, server::Reply reply) {
            ask(queue, std::move(reply), &list);
          });
  api.add(http::verb::post, "/api/lessons", auth::Right::kTeach,
          [&shelf, &queue](const server::ApiRequest& request, server::Reply reply) {
            post(shelf, queue, request, std::move(reply));
          });
  api.add(http::verb::get, "/api/lessons/{name}", auth::Right::kPractise,
          [&queue](const server::ApiRequest& request, server::Reply reply) {
            ask(queue, std::move(reply),
                [id = request.name](store::Store& store) -> base::Result<server::ApiResponse> {
                  const auto lesson = lesson_of(store, id);
                  if (!lesson) return tl::unexpected(lesson.error());
                  return server::ApiResponse{
                      .status = kOk, .body = shown(store, *lesson), .headers = {}};
                });
          });
  api.add(http::verb::put, "/api/lessons/{name}", auth::Right::kTeach,
          [&shelf, &queue](const server::ApiRequest& request, server::Reply reply) {
            put(shelf, queue, request, std::move(reply));
          });
  api.add(http::verb::delete_, "/api/lessons/{name}", auth::Right::kTeach,
          [&queue](const server::ApiRequest& request, server::Reply reply) {
            ask(queue, std::move(reply),
                [id = request.name](store::Store& store) -> base::Result<server::ApiResponse> {
                  if (const auto lesson = lesson_of(store, id); !lesson) {
                    return tl::unexpected(lesson.error());
                  }
                  if (const auto gone = store.remove_document(kKind, id); !gone) {
                    return tl::unexpected(gone.error());
                  }
                  return server::ApiResponse{.status = kNoContent, .body = nullptr, .headers = {}};
                });
          });
}

}  // namespace storysign::app
