#pragma once
// Errors that a user can act on, each with the exit code the command documents.
// Libraries throw these and never print or exit; one place in apps/ does.

#include <cstdint>
#include <stdexcept>
#include <string>

namespace gasket {

enum class ExitCode : int {
  ok = 0,
  failure = 1,    // a defect in gasket, or a validation that found a difference
  usage = 2,      // an option or a combination that is not possible
  bad_input = 3,  // a file that is missing, damaged or not what was said
  resources = 4,  // not enough memory or disk
  lost_peer = 5,  // a rank was lost or nothing moved any more
};

class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  ExitCode code() const { return code_; }

  /// True when every rank of the job throws this same error (Communicator::agree), so that each may
  /// unwind and leave in order. Otherwise only an abort of the job ends the other ranks.
  bool agreed() const { return agreed_; }
  void set_agreed() { agreed_ = true; }

  /// Which of several ranks' errors is told: that with the smallest place, such as a line; 0 goes before all lines.
  std::uint64_t place() const { return place_; }
  void set_place(std::uint64_t place) { place_ = place; }

 private:
  ExitCode code_;
  std::uint64_t place_ = 0;
  bool agreed_ = false;
};

struct UsageError : Error {
  explicit UsageError(const std::string& message) : Error(ExitCode::usage, message) {}
};
struct InputError : Error {
  explicit InputError(const std::string& message) : Error(ExitCode::bad_input, message) {}
};
struct ResourceError : Error {
  explicit ResourceError(const std::string& message) : Error(ExitCode::resources, message) {}
};

/// Throws an error that every rank throws.
template <class E>
[[noreturn]] void throw_agreed(E error) {
  error.set_agreed();
  throw error;
}

}  // namespace gasket
