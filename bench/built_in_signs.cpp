// Makes the built-in vocabulary of the word sequences, and says how well each word is recognised
// when another signer makes it. training/built_in_signs.py runs it.
//
// usage: built_in_signs DATA OUT.json

#include "practice/alignment.hpp"
#include "practice/sign.hpp"
#include "practice/sign_model.hpp"
#include "support/sign_data.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace practice = storysign::practice;
namespace test = storysign::test;
using practice::Clip;
using practice::SignExample;
using practice::SignLibrary;
using test::SignCounts;

// Sequences of one label and signer that are compared with each other, and that are tried.
constexpr std::size_t kMostCandidates = 40;
constexpr std::size_t kTried = 40;
constexpr std::size_t kPrototypes = 3;  // Of each signer.
// A word is built in if signers accept it of each other as often as this, and as often on the mean.
constexpr double kLeastAccepted = 0.6;
constexpr double kLeastMean = 0.75;

using Words = std::map<std::string, std::map<int, std::vector<const test::Word*>>>;

/// Letters have a reader of their own, and '-' is no sign.
bool is_word(const std::string& label) {
  return label.size() > 1;
}

std::string gloss_of(std::string label) {
  std::transform(label.begin(), label.end(), label.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return label;
}

std::vector<SignExample> candidates_of(const std::vector<const test::Word*>& words) {
  std::vector<SignExample> out;
  const std::size_t step = std::max<std::size_t>(words.size() / kMostCandidates, 1);
  for (std::size_t i = 0; i < words.size(); i += step) {
    if (!practice::problems(words[i]->recording).empty()) continue;
    out.push_back(practice::make_example(*practice::make_clip(words[i]->recording).clip));
  }
  return out;
}

/// The clips that are nearest to all: each takes what makes the sum of distances to the nearest
/// chosen one least.
std::vector<Clip> medoids(const std::vector<SignExample>& candidates, std::size_t count) {
  const std::size_t n = candidates.size();
  std::vector<std::vector<float>> apart(n, std::vector<float>(n));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      apart[i][k] = practice::align_distance(candidates[i].features, candidates[k].features);
    }
  }
  std::vector<float> nearest(n, 1.0F);
  std::vector<Clip> out;
  while (out.size() < std::min(count, n)) {
    std::size_t best = 0;
    float least = static_cast<float>(n) + 1.0F;
    for (std::size_t i = 0; i < n; ++i) {
      float sum = 0.0F;
      for (std::size_t k = 0; k < n; ++k) {
        sum += std::min(nearest[k], apart[i][k]);
      }
      if (sum >= least) continue;
      least = sum;
      best = i;
    }
    for (std::size_t k = 0; k < n; ++k) {
      nearest[k] = std::min(nearest[k], apart[best][k]);
    }
    out.push_back(candidates[best].clip);
  }
  return out;
}

/// A library of clips by gloss, each with thresholds that know of the others.
SignLibrary library_of(const std::map<std::string, std::vector<Clip>>& clips) {
  SignLibrary first;
  SignLibrary out;
  for (const auto& [gloss, examples] : clips) {
    first.add(practice::reference_of(gloss, "built_in", examples, {}, {}));
  }
  for (const auto& [gloss, examples] : clips) {
    out.add(practice::reference_of(gloss, "built_in", examples, {}, first));
  }
  return out;
}

void judge_all(const test::Word& word, const std::string& truth, const SignLibrary& library,
               SignCounts& counts) {
  for (const std::string& gloss : library.glosses()) {
    counts.add(practice::judge(word.recording, gloss, library, practice::Handedness::kUnknown),
               gloss == truth);
  }
}

using Prototypes = std::map<int, std::map<std::string, std::vector<Clip>>>;

/// By gloss: how the examples of `teacher` do with what `learner` signs.
std::map<std::string, SignCounts> held_out(const Words& words, const Prototypes& prototypes,
                                           int teacher, int learner) {
  const SignLibrary library = library_of(prototypes.at(teacher));
  std::map<std::string, SignCounts> out;
  for (const auto& [label, by_signer] : words) {
    const auto found = by_signer.find(learner);
    if (found == by_signer.end() || library.find(gloss_of(label)) == nullptr) continue;
    const std::size_t step = std::max<std::size_t>(found->second.size() / kTried, 1);
    for (std::size_t i = 0; i < found->second.size(); i += step) {
      judge_all(*found->second[i], gloss_of(label), library, out[gloss_of(label)]);
    }
  }
  return out;
}

std::vector<std::string> choose(const Words& words, const Prototypes& prototypes) {
  auto there = held_out(words, prototypes, 1, 2);
  auto back = held_out(words, prototypes, 2, 1);
  std::vector<std::string> out;
  fmt::print("{:<12} {:>21} {:>21}\n{:<12} {:>7} {:>7} {:>5} {:>7} {:>7} {:>5}\n", "",
             "signer 2 by 1's", "signer 1 by 2's", "", "accept", "choice", "wrong", "accept",
             "choice", "wrong");
  for (const auto& [gloss, a] : there) {
    const SignCounts& b = back[gloss];
    const double one = SignCounts::share(a.accepted, a.right);
    const double other = SignCounts::share(b.accepted, b.right);
    const bool is_kept = std::min(one, other) >= kLeastAccepted && (one + other) / 2 >= kLeastMean;
    fmt::print("{:<12} {:>7.2f} {:>7.2f} {:>5.3f} {:>7.2f} {:>7.2f} {:>5.3f} {}\n", gloss, one,
               SignCounts::share(a.chosen, a.right), SignCounts::share(a.wrong_accepted, a.wrong),
               other, SignCounts::share(b.chosen, b.right),
               SignCounts::share(b.wrong_accepted, b.wrong), is_kept ? "built in" : "left out");
    if (is_kept) out.push_back(gloss);
  }
  return out;
}

void report_kept(const Words& words, const Prototypes& prototypes,
                 const std::vector<std::string>& kept) {
  for (const auto& [teacher, learner] : {std::pair{1, 2}, {2, 1}}) {
    Prototypes only;
    for (const std::string& gloss : kept) {
      only[teacher][gloss] = prototypes.at(teacher).at(gloss);
    }
    SignCounts sum;
    for (const auto& [gloss, rate] : held_out(words, only, teacher, learner)) {
      sum.add(rate);
    }
    fmt::print(
        "those built in, signer {} by {}'s: accepted {:.1f} %, chosen {:.1f} % of {}; wrong "
        "accepted {:.2f} % of {}\n",
        learner, teacher, 100 * SignCounts::share(sum.accepted, sum.right),
        100 * SignCounts::share(sum.chosen, sum.right), sum.right,
        100 * SignCounts::share(sum.wrong_accepted, sum.wrong), sum.wrong);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: built_in_signs DATA OUT.json\n");
    return 2;
  }
  const auto all = test::read_words(argv[1]);
  if (!all) {
    fmt::print(stderr, "{}\n", all.error().message);
    return 1;
  }
  Words words;
  for (const test::Word& word : *all) {
    if (is_word(word.label)) words[word.label][word.signer].push_back(&word);
  }
  Prototypes prototypes;
  for (const auto& [label, by_signer] : words) {
    for (const auto& [signer, sequences] : by_signer) {
      auto found = medoids(candidates_of(sequences), kPrototypes);
      if (!found.empty()) prototypes[signer][gloss_of(label)] = std::move(found);
    }
  }
  const auto kept = choose(words, prototypes);
  report_kept(words, prototypes, kept);
  std::map<std::string, std::vector<Clip>> clips;
  for (const std::string& gloss : kept) {
    for (const int signer : {1, 2}) {
      // Two of each signer are enough once both are there.
      const auto& own = prototypes.at(signer).at(gloss);
      clips[gloss].insert(clips[gloss].end(), own.begin(),
                          own.begin() + std::min<std::ptrdiff_t>(2, std::ssize(own)));
    }
  }
  nlohmann::json signs = nlohmann::json::array();
  const SignLibrary library = library_of(clips);
  for (const auto& [gloss, sign] : library.signs()) {
    signs.push_back(practice::to_json(sign));
  }
  std::ofstream(argv[2]) << nlohmann::json{{"source", "traduttore/traduttore-model, MIT"},
                                           {"signs", std::move(signs)}}
                                .dump()
                         << '\n';
  return 0;
}
