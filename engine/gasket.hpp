#pragma once
// Everything a vertex program of one's own needs.

#include "engine/monoid.hpp"
#include "engine/output.hpp"
#include "engine/program.hpp"
#include "engine/sync_engine.hpp"
#include "partition/comm/session.hpp"
#include "partition/io/open.hpp"
#include "partition/load.hpp"
#include "partition/parallel.hpp"
#include "partition/place/rule.hpp"
