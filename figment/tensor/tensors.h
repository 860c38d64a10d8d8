// Small helpers on tensors that every room shares.
#pragma once
#include "figment/tensor/code_use.h"
#include "figment/tensor/images.h"
#include "figment/tensor/noise.h"
#include "figment/tensor/precision.h"
#include "figment/tensor/shapes.h"
