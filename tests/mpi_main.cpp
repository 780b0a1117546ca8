// Entry of the tests under mpirun (mpi/). Every rank runs every test case; rank 0 reports as usual, the others only
// what failed. The first failed check of a job of several ranks ends the job: its peers may already wait for a message
// that the failing rank will never send.
#define CATCH_CONFIG_RUNNER
#include <mpi.h>

#include <catch2/catch.hpp>
#include <iostream>
#include <sstream>

#include "tests/support/world.hpp"

namespace {

gasket::Communicator* g_world = nullptr;
bool g_skipped = false;

int world_rank() {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

int world_size() {
  int size = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

class EndJobOnFailure : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;

  void testCaseStarting(const Catch::TestCaseInfo& info) override { test_ = info.name; }

  bool assertionEnded(const Catch::AssertionStats& stats) override {
    const Catch::AssertionResult& result = stats.assertionResult;
    // Of a fatal signal Catch2 has more to report: the job ends with the test case.
    died_ = result.getResultType() == Catch::ResultWas::FatalErrorCondition;
    if (result.isOk() || world_size() == 1) return true;

    std::ostringstream out;
    out << "rank " << world_rank() << " of " << world_size() << ": \"" << test_ << "\" failed at "
        << result.getSourceInfo();
    if (result.hasExpression()) out << "\n  " << result.getExpressionInMacro();
    if (result.hasExpandedExpression()) out << "\n  with " << result.getExpandedExpression();
    for (const Catch::MessageInfo& info : stats.infoMessages) out << "\n  " << info.message;
    out << '\n';
    std::cerr << out.str() << std::flush;
    if (!died_) MPI_Abort(MPI_COMM_WORLD, 1);
    return true;
  }

  // No rank runs ahead: what a test case leaves behind cannot reach the next, and "All tests passed" speaks for all
  // ranks.
  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    TestEventListenerBase::testCaseEnded(stats);
    if (died_) MPI_Abort(MPI_COMM_WORLD, 1);
    MPI_Barrier(MPI_COMM_WORLD);
  }

 private:
  std::string test_;
  bool died_ = false;
};

CATCH_REGISTER_LISTENER(EndJobOnFailure)

}  // namespace

gasket::Communicator& gasket::world() { return *g_world; }
void gasket::mark_skipped() { g_skipped = true; }

int main(int argc, char** argv) {
  gasket::Session mpi(argc, argv);
  g_world = &mpi.communicator();
  Catch::Session catch2;
  if (const int code = catch2.applyCommandLine(argc, argv); code != 0) return code;
  catch2.configData().useColour = Catch::UseColour::No;  // mpirun gives rank 0 a terminal even where there is none
  if (world_rank() != 0) catch2.configData().outputFilename = "/dev/null";
  if (catch2.run() != 0) return 1;
  return g_skipped ? 77 : 0;
}
