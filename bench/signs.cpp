// What judge() accepts, refuses and tells apart, and how long it takes.
//
// usage: bench_signs DATA [clips|words|words-detail|time]...
//
// clips: the 14 sign clips, one as the only example of each gloss; attempts are variations of it
//        and of the same clip as the lighter network saw it.
// words: the word sequences, one and three examples, attempts by the same and by another signer;
//        words-detail says of each label, too, what was taken for what.
// time:  judge() with 30 signs of three examples.

#include "practice/sign.hpp"
#include "practice/sign_model.hpp"
#include "support/sign_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

namespace practice = storysign::practice;
namespace test = storysign::test;
using practice::Handedness;
using practice::Judgement;
using practice::Recording;
using practice::SignLibrary;
using test::SignCounts;

double percent(std::size_t part, std::size_t all) {
  return 100.0 * SignCounts::share(part, all);
}

void print(const SignCounts& counts, const std::string& name) {
  fmt::print("{:<34} {:>6} {:>8.1f} {:>8.1f} {:>7} {:>8.2f}\n", name, counts.right,
             percent(counts.accepted, counts.right), percent(counts.chosen, counts.right),
             counts.wrong, percent(counts.wrong_accepted, counts.wrong));
}

void print_head(const char* title) {
  fmt::print("\n{}\n{:<34} {:>6} {:>8} {:>8} {:>7} {:>8}\n", title, "", "true", "accept %",
             "choice %", "wrong", "accept %");
}

/// Judges the attempt against each sign of the library.
void judge_all(const Recording& attempt, const std::string& truth, const SignLibrary& library,
               SignCounts& counts, std::map<std::string, std::size_t>* confused = nullptr) {
  for (const std::string& gloss : library.glosses()) {
    const Judgement judged = practice::judge(attempt, gloss, library, Handedness::kUnknown);
    counts.add(judged, gloss == truth);
    if (confused == nullptr || judged.accepted == (gloss == truth)) continue;
    if (judged.accepted) {
      ++(*confused)[fmt::format("{} accepted as {}", truth, gloss)];
    } else if (judged.likelier.empty()) {
      ++(*confused)[fmt::format("{} refused", truth)];
    } else {
      ++(*confused)[fmt::format("{} as {}", truth, judged.likelier)];
    }
  }
}

void print_confused(const std::map<std::string, std::size_t>& confused) {
  for (const auto& [what, count] : confused) {
    fmt::print("    {} {}\n", count, what);
  }
}

/// Each sign alone in its library: nothing but the threshold says no.
void bench_alone(const std::string& data) {
  SignCounts counts;
  for (const std::string& gloss : test::sign_clip_glosses()) {
    const auto clip = test::read_sign_clip(data, gloss, 1);
    SignLibrary alone;
    auto sign = practice::make_reference(gloss, std::span(&*clip, 1), {}, {});
    if (sign) alone.add(std::move(*sign));
    for (const std::string& other : test::sign_clip_glosses()) {
      const auto from = test::read_sign_clip(data, other, 1);
      for (std::uint64_t seed = 0; seed < 6; ++seed) {
        const Recording attempt = test::varied(*from, test::any_variation(seed + 500), seed);
        counts.add(practice::judge(attempt, gloss, alone, Handedness::kUnknown), other == gloss);
      }
    }
  }
  print(counts, "each sign alone in the library");
}

int bench_clips(const std::string& data) {
  SignLibrary library;
  std::map<std::string, Recording> lighter;
  for (const std::string& gloss : test::sign_clip_glosses()) {
    auto clip = test::read_sign_clip(data, gloss, 1);
    auto other = test::read_sign_clip(data, gloss, 0);
    if (!clip || !other) {
      fmt::print(stderr, "no landmarks of {} under {}\n", gloss, data);
      return 1;
    }
    lighter.emplace(gloss, *other);
    for (const std::string& problem : practice::problems(*clip)) {
      fmt::print("{}: {}\n", gloss, problem);
    }
    auto sign = practice::make_reference(gloss, std::span(&*clip, 1), {}, library);
    if (!sign) {
      fmt::print(stderr, "{}\n", sign.error().message);
      return 1;
    }
    library.add(std::move(*sign));
  }
  for (const auto& [gloss, sign] : library.signs()) {
    const auto& m = sign.model();
    fmt::print("{:<10} frames {:>3} used {}{} limits {:.3f} {:.2f} {:.2f} {:.2f}\n", gloss,
               m.examples[0].clip.frames.size(), m.examples[0].clip.used[0] ? 'R' : '-',
               m.examples[0].clip.used[1] ? 'L' : '-', m.thresholds.distance,
               m.thresholds.channels.shape, m.thresholds.channels.location,
               m.thresholds.channels.movement);
  }
  print_head("14 sign clips, one example each");
  std::map<std::string, std::size_t> confused;
  using Change = void (*)(test::Variation&);
  const std::vector<std::pair<const char*, Change>> rows = {
      {"as recorded", [](test::Variation& v) { v = {}; }},
      {"tempo 0.6", [](test::Variation& v) { v = {.tempo = 0.6}; }},
      {"tempo 1.6", [](test::Variation& v) { v = {.tempo = 1.6}; }},
      {"mirrored", [](test::Variation& v) { v = {.mirrored = true}; }},
      {"rotated 10 degrees", [](test::Variation& v) { v = {.rotation = 10}; }},
      {"rotated -10 degrees", [](test::Variation& v) { v = {.rotation = -10}; }},
      {"jitter 0.006", [](test::Variation& v) { v = {.jitter = 0.006}; }},
      {"8 frames a second", [](test::Variation& v) { v = {.fps = 8}; }},
      {"all at once", [](test::Variation&) {}}};
  for (const auto& [name, change] : rows) {
    SignCounts counts;
    const int seeds = std::string_view(name) == "all at once" ? 30 : 3;
    for (const std::string& gloss : test::sign_clip_glosses()) {
      const auto clip = test::read_sign_clip(data, gloss, 1);
      for (int seed = 0; seed < seeds; ++seed) {
        const auto number =
            static_cast<std::uint64_t>(seed) * 977 + 13 + static_cast<std::uint64_t>(seed % 2);
        test::Variation how = test::any_variation(number);
        change(how);
        const Recording& from = seed % 3 == 2 ? lighter.at(gloss) : *clip;
        judge_all(test::varied(from, how, number), gloss, library, counts, &confused);
      }
    }
    print(counts, name);
  }
  print_confused(confused);
  bench_alone(data);
  return 0;
}

/// Sequences of one label by one signer, every `step`th.
using Pool = std::map<std::pair<std::string, int>, std::vector<const test::Word*>>;

void bench_word_set(const Pool& pool, int teacher, int learner, std::size_t examples,
                    bool prints_confused) {
  SignLibrary library;
  for (const auto& [key, words] : pool) {
    if (key.second != teacher || key.first == "-") continue;
    std::vector<Recording> recordings;
    // Examples from different recording rounds: spread over all that there are.
    for (std::size_t k = 0; k < words.size() && recordings.size() < examples; ++k) {
      const std::size_t i = (2 * recordings.size() + 1) * words.size() / (2 * examples);
      const Recording& r = words[std::min(i + k % 5, words.size() - 1)]->recording;
      if (practice::problems(r).empty()) recordings.push_back(r);
    }
    if (recordings.empty()) continue;
    auto sign = practice::make_reference(key.first, recordings, {}, library);
    if (sign) library.add(std::move(*sign));
  }
  SignCounts counts;
  std::map<std::string, std::size_t> confused;
  std::map<std::string, SignCounts> by_label;
  for (const auto& [key, words] : pool) {
    if (key.second != learner || library.find(key.first) == nullptr) continue;
    SignCounts own;
    for (std::size_t i = 0; i < words.size(); i += std::max<std::size_t>(words.size() / 24, 1)) {
      judge_all(words[i]->recording, key.first, library, own, &confused);
    }
    by_label[key.first] = own;
    counts.add(own);
  }
  print(counts, fmt::format("signer {} by {}'s {} of {} signs", learner, teacher, examples,
                            library.size()));
  if (!prints_confused) return;
  for (const auto& [label, own] : by_label) {
    print(own, "  " + label);
  }
  print_confused(confused);
}

int bench_words(const std::string& data, bool prints_confused) {
  const auto words = test::read_words(data);
  if (!words) {
    fmt::print(stderr, "{}\n", words.error().message);
    return 1;
  }
  Pool pool;
  for (const test::Word& word : *words) {
    pool[{word.label, word.signer}].push_back(&word);
  }
  print_head("word sequences");
  for (const std::size_t examples : {1U, 3U}) {
    for (const auto& [teacher, learner] : {std::pair{1, 1}, {2, 2}, {1, 2}, {2, 1}}) {
      bench_word_set(pool, teacher, learner, examples, prints_confused && examples == 3);
    }
  }
  return 0;
}

int bench_time(const std::string& data) {
  SignLibrary library;
  std::vector<Recording> attempts;
  for (const std::string& gloss : test::sign_clip_glosses()) {
    const auto clip = test::read_sign_clip(data, gloss, 1);
    if (!clip) return 1;
    attempts.push_back(*clip);
    for (const char* copy : {"", "-2", "-3"}) {
      if (library.size() >= 30) break;
      std::vector<Recording> examples;
      for (std::uint64_t seed = 0; seed < 3; ++seed) {
        test::Variation how = test::any_variation(2 * seed + 100);
        how.tempo = 1.0;
        examples.push_back(test::varied(*clip, how, seed));
      }
      auto sign = practice::make_reference(gloss + copy, examples, {}, {});
      if (sign) library.add(std::move(*sign));
    }
  }
  std::vector<double> times;
  for (int round = 0; round < 5; ++round) {
    for (const Recording& attempt : attempts) {
      const auto start = std::chrono::steady_clock::now();
      const Judgement judged = practice::judge(attempt, "eat", library, Handedness::kUnknown);
      const auto end = std::chrono::steady_clock::now();
      if (judged.score < 0) return 1;
      times.push_back(std::chrono::duration<double, std::milli>(end - start).count());
    }
  }
  std::sort(times.begin(), times.end());
  fmt::print("\njudge() with {} signs of 3 examples: median {:.2f} ms, longest {:.2f} ms\n",
             library.size(), times[times.size() / 2], times.back());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: bench_signs DATA [clips|words|words-detail|time]...\n");
    return 2;
  }
  const std::set<std::string> wanted(argv + 2, argv + argc);
  int status = 0;
  if (wanted.empty() || wanted.contains("clips")) status |= bench_clips(argv[1]);
  if (wanted.empty() || wanted.contains("words") || wanted.contains("words-detail")) {
    status |= bench_words(argv[1], wanted.contains("words-detail"));
  }
  if (wanted.empty() || wanted.contains("time")) status |= bench_time(argv[1]);
  return status;
}
