#include "engine/async/standstill.hpp"

#include <fmt/format.h>

#include <span>

namespace gasket {

Error standstill(Communicator& comm, double seconds, const std::string& state, const std::vector<WaitFor>& waits) {
  const std::vector<char> states = comm.all_gather_spans(std::span<const char>(state));
  const std::vector<GlobalId> cycle = find_wait_cycle(comm.all_gather_spans(std::span<const WaitFor>(waits)));
  std::string text = fmt::format("nothing has moved for {:g} s", seconds);
  if (!cycle.empty()) {
    text += "; these updates wait for each other's locks in a circle: ";
    for (const GlobalId v : cycle) text += fmt::format("vertex {} -> ", v);
    text += fmt::format("vertex {}", cycle.front());
  }
  Error error(ExitCode::lost_peer, text + std::string(states.begin(), states.end()));
  error.set_agreed();
  return error;
}

Error silence(double seconds, const std::string& state) {
  return Error(ExitCode::lost_peer, fmt::format("another rank has not answered for {:g} s{}", seconds, state));
}

}  // namespace gasket
