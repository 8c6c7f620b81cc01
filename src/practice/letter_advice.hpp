#pragma once

#include <string>

namespace storysign::practice {

/// One sentence: what the hand looks like (`seen`, 'A'..'Z', or 0 for nothing that is sure) and how
/// `wanted` ('A'..'Z') is made. Any thread.
[[nodiscard]] std::string letter_advice(char wanted, char seen);

/// One sentence: how `wanted`, 'J' or 'Z', is drawn, for a hand that has its shape already.
[[nodiscard]] std::string drawing_advice(char wanted);

}  // namespace storysign::practice
