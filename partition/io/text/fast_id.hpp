#pragma once
// Ids of known length, without a loop per digit.

#include <cstddef>
#include <cstdint>

#include "partition/io/text/digits.hpp"

namespace gasket::text {

inline constexpr std::uint64_t kPowersOf10[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};

/// The number of 17 to 20 digits between `at` and `end`; false when there is another character or it needs 65 bits.
inline bool long_number(const char* at, const char* end, std::uint64_t& number) {
  const auto count = static_cast<unsigned>(end - at);
  if (count > 20) return false;
  number = 0;
  for (unsigned taken = (count - 1) % 8 + 1; at != end; at += taken, taken = 8) {
    const Digits digits(at, taken);
    if (!digits.valid() || __builtin_mul_overflow(number, kPowersOf10[taken], &number) ||
        __builtin_add_overflow(number, digits.number(), &number))
      return false;
  }
  return true;
}

/// The number between `at` and `end`, which a column end follows; false when it is not an id.
[[gnu::always_inline]] inline bool fast_id(const char* at, const char* end, std::uint64_t& id) {
  const auto count = static_cast<std::size_t>(end - at);
  if (count > 8) [[unlikely]] {
    if (count > 16) return long_number(at, end, id);
    const Digits high(at, static_cast<unsigned>(count - 8)), low(end - 8, 8);
    id = high.number() * kPowersOf10[8] + low.number();
    return high.valid() && low.valid();
  }
  if (count == 0) return false;
  const Digits digits(at, static_cast<unsigned>(count));
  id = digits.number();
  return digits.valid();
}

}  // namespace gasket::text
