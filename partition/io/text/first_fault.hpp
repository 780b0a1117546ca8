#pragma once
// Which bad line to report when several workers find one each: the first of the text, so that the message does not
// depend on how fast who was.

#include <fmt/format.h>

#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <utility>

#include "partition/error.hpp"
#include "partition/io/text/text_file.hpp"

namespace gasket::text {

/// Keeps the fault with the smallest place; a place is whatever grows along the text.
class FirstFault {
 public:
  /// Nothing behind this place matters any more.
  bool is_behind(std::uint64_t place) const { return place > place_.load(std::memory_order_relaxed); }
  void report(std::uint64_t place, std::string message) {
    const std::lock_guard lock(guard_);
    if (place >= place_.load(std::memory_order_relaxed)) return;
    place_.store(place, std::memory_order_relaxed);
    message_ = std::move(message);
  }
  bool found() const { return place_.load(std::memory_order_relaxed) != kNone; }
  std::uint64_t place() const { return place_.load(std::memory_order_relaxed); }
  const std::string& message() const { return message_; }

 private:
  static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
  std::atomic<std::uint64_t> place_{kNone};
  std::mutex guard_;
  std::string message_;
};

[[noreturn]] inline void throw_at_line(const TextFile& text, std::uint64_t line, const std::string& message) {
  InputError error(fmt::format("{}:{}: {}", text.file.path(), line, message));
  error.set_place(line);
  throw error;
}

}  // namespace gasket::text
