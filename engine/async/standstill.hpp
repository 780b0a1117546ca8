#pragma once
// What is said of a run without supersteps that has come to a halt.

#include <string>
#include <vector>

#include "engine/async/wait_for.hpp"
#include "partition/comm/communicator.hpp"
#include "partition/error.hpp"

namespace gasket {

/// Nothing moves on any rank, and all ranks know it: tells what each is at, and if there are updates that wait for each
/// other's locks in a circle, which. `state` is this rank's, `waits` what it knows of who waits for whom. Collective; the
/// error is agreed.
Error standstill(Communicator& comm, double seconds, const std::string& state, const std::vector<WaitFor>& waits);

/// Another rank does not answer: tells what this rank is at. Not agreed.
Error silence(double seconds, const std::string& state);

}  // namespace gasket
